// Twelve independent chains of multiplications and additions on registers alone: enough to hide their latency.
const CHAINS = 'abcdefghijkl';
const source = (isFused: boolean): string => `
export function spin(n: i32): f32 {
  let ${[...CHAINS].map((v, i) => (i === 0 ? `${v} = f32x4.splat(1)` : `${v} = a`)).join(', ')};
  const x = f32x4.splat(0.999), y = f32x4.splat(0.001);
  for (let t = 0; t < n; t++) {
    ${[...CHAINS].map((v) => `${v} = ${isFused ? `f32x4.relaxed_madd(${v}, x, y)` : `f32x4.add(f32x4.mul(${v}, x), y)`};`).join('\n    ')}
  }
  return f32x4.extract_lane(${[...CHAINS.slice(1)].reduce((sum, v) => `f32x4.add(${sum}, ${v})`, 'a')}, 0);
}
`;

/** GFLOP/s that one thread reaches with 128-bit multiplications and additions on registers, fused or not: no kernel can be faster. */
export async function simdPeak(isFused: boolean): Promise<number> {
  const { default: asc } = await import('assemblyscript/asc');
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ['peak.ts', '--outFile', 'peak.wasm', '--runtime', 'stub', '-O3', '--enable', 'simd', '--enable', 'relaxed-simd'],
    {
      readFile: (name) => (name === 'peak.ts' ? source(isFused) : null),
      writeFile: (name, contents) => {
        if (name === 'peak.wasm') binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`the peak could not be compiled: ${stderr.toString()}`);
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>, {});
  const spin = instance.exports.spin as (n: number) => number;
  const n = 500_000;
  let best = Infinity;
  for (let i = 0; i < 40; i++) {
    const started = performance.now();
    spin(n);
    best = Math.min(best, performance.now() - started);
  }
  return (CHAINS.length * 4 * 2 * n) / best / 1e6;
}
