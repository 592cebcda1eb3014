import v8 from 'node:v8';

/**
 * How products are added up: `fused` rounds a·b + c once, which processors do twice as fast or faster; `portable` rounds a·b, then the sum,
 * as every WebAssembly engine can. The two differ in their last bits.
 */
export type Arithmetic = 'fused' | 'portable';

/** A module with one instruction of relaxed SIMD, f32x4.relaxed_madd, on zeros. */
const PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // One type without parameters and results, one function of it.
  ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  // i32.const 0, i8x16.splat three times; f32x4.relaxed_madd; drop.
  ...[10, 20, 1, 18, 0, ...[0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15], ...[0xfd, 0x85, 0x02], 0x1a, 0x0b],
);

/** Whether WebAssembly has relaxed SIMD, where fused operations are. Node 20 has it behind a flag, which is set here. */
export function hasRelaxedSimd(): boolean {
  if (WebAssembly.validate(PROBE)) return true;
  try {
    v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  } catch {
    return false;
  }
  return WebAssembly.validate(PROBE);
}
