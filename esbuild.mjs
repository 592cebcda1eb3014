// Builds everything into dist/: extension, worker, CLI (CommonJS for Node), webviews (ES modules), wasm files.
//   node esbuild.mjs [--watch] [--production]
import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const require = createRequire(import.meta.url);
const outdir = 'dist';
fs.mkdirSync(outdir, { recursive: true });

const existing = (entries) => Object.fromEntries(Object.entries(entries).filter(([, file]) => fs.existsSync(file)));
const shared = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  outdir,
  // Whoever only starts the product wants no list of files.
  logLevel: process.argv.includes('--quiet') ? 'warning' : 'info',
  legalComments: 'linked',
};

const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  mainFields: ['module', 'main'],
  // TensorFlow.js asks for node-fetch only where Node has no fetch of its own.
  external: ['vscode', 'node-fetch'],
  // ES modules among the dependencies locate their files by import.meta.url.
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** HDF5 is megabytes of embedded wasm that few files need: one file of its own, loaded when it is wanted. */
const hdf5Apart = {
  name: 'hdf5-apart',
  setup(build) {
    build.onResolve({ filter: /^h5wasm$|h5wasm\/dist\/esm\/hdf5_util\.js$/ }, () => ({ path: './h5wasm.mjs', external: true }));
  },
};
node.plugins = [hdf5Apart];

/** The WebGPU backend works with the worker's own TensorFlow.js core, which the worker hands over (engine/webgpu/gpu.ts). */
const sharedCore = {
  name: 'shared-tfjs-core',
  setup(build) {
    build.onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, (args) => ({ path: args.path, namespace: 'shared-tfjs-core' }));
    build.onLoad({ filter: /.*/, namespace: 'shared-tfjs-core' }, () => ({ contents: 'module.exports = globalThis.kernelscopeTfjsCore;' }));
  },
};

const builds = [
  {
    ...shared,
    sourcemap: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The ready-made instance and its maker, which the package does not export.
    stdin: { contents: "export * from 'h5wasm'; export { default } from './node_modules/h5wasm/dist/esm/hdf5_util.js';", resolveDir: '.' },
    outdir: undefined,
    outfile: path.join(outdir, 'h5wasm.mjs'),
  },
  { ...node, entryPoints: existing({ extension: 'src/extension.ts', cli: 'src/cli/main.ts' }) },
  {
    ...node,
    entryPoints: existing({
      worker: 'src/engine/worker.ts',
      'pool-worker': 'src/engine/kernels/poolWorker.ts',
      'weights-worker': 'src/weights/worker.ts',
      'decode-worker': 'src/data/images/decodeWorker.ts',
      'insight-worker': 'src/training/insightWorker.ts',
    }),
  },
  // Loaded by the training worker only where it trains on a GPU.
  { ...node, plugins: [sharedCore], entryPoints: existing({ webgpu: 'src/engine/webgpu/tfjsBackend.ts' }) },
  {
    ...shared,
    platform: 'browser',
    format: 'esm',
    target: 'chrome120',
    entryPoints: existing({
      panel: 'webview/panel/main.ts',
      gallery: 'webview/gallery/main.ts',
      weights: 'webview/weights/main.ts',
      seeds: 'webview/seeds/main.ts',
    }),
    loader: { '.css': 'css' },
  },
];

/** Wasm from packages, and our own training kernels compiled by AssemblyScript. */
function assets() {
  const copy = (from, to = path.basename(from)) => fs.copyFileSync(from, path.join(outdir, to));
  const packageFile = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
  copy(path.join('node_modules/web-tree-sitter/web-tree-sitter.wasm'));
  copy(packageFile('tree-sitter-python', 'tree-sitter-python.wasm'));
  copy('node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  for (const f of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm']) {
    copy(packageFile('@tensorflow/tfjs-backend-wasm', `dist/${f}`));
  }
  const kernels = 'src/engine/kernels/build.mjs';
  if (fs.existsSync(kernels)) {
    const r = spawnSync(process.execPath, [kernels, outdir], { stdio: 'inherit' });
    if (r.status !== 0) process.exit(r.status ?? 1);
  }
}

assets();
for (const options of builds) {
  if (options.entryPoints && Object.keys(options.entryPoints).length === 0) continue;
  if (watch) await (await esbuild.context(options)).watch();
  else await esbuild.build(options);
}
if (fs.existsSync(path.join(outdir, 'cli.js'))) fs.chmodSync(path.join(outdir, 'cli.js'), 0o755);
