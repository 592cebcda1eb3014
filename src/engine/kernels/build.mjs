// Compiles the training kernels: node build.mjs OUTDIR -> OUTDIR/kernels.wasm (own memory) and OUTDIR/kernels-shared.wasm (memory
// shared by threads), and both again with fused multiply-add: OUTDIR/kernels-fused.wasm and OUTDIR/kernels-fused-shared.wasm. Does
// nothing when they are newer than their sources.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = path.join(here, 'assembly');
const outdir = path.resolve(process.argv[2] ?? 'dist');

const changed = (file) => fs.statSync(file).mtimeMs;
const newest = Math.max(changed(fileURLToPath(import.meta.url)), ...fs.readdirSync(sources).map((f) => changed(path.join(sources, f))));

async function compile(name, options) {
  const out = path.join(outdir, name);
  if (fs.existsSync(out) && changed(out) > newest) return;
  const files = ['index.ts', '--outFile', path.relative(sources, out), '--runtime', 'stub', '--importMemory', '--noAssert', '-O3'];
  const { error, stderr } = await asc.main([...files, '--enable', 'simd', '--enable', 'threads', ...options], {
    readFile: (file, base) =>
      fs.existsSync(path.resolve(sources, base, file)) ? fs.readFileSync(path.resolve(sources, base, file), 'utf8') : null,
    writeFile: (file, contents, base) => fs.writeFileSync(path.resolve(sources, base, file), contents),
    listFiles: (dir, base) => fs.readdirSync(path.resolve(sources, base, dir)),
  });
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const own = ['--initialMemory', '1'];
const shared = [...own, '--maximumMemory', '65536', '--sharedMemory'];
const fused = ['--enable', 'relaxed-simd'];
fs.mkdirSync(outdir, { recursive: true });
await compile('kernels.wasm', own);
await compile('kernels-shared.wasm', shared);
await compile('kernels-fused.wasm', [...own, ...fused]);
await compile('kernels-fused-shared.wasm', [...shared, ...fused]);
