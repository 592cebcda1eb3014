// `npm test`: sets itself up, then runs everything and prints one closing line `N passed, N failed`.
//   node test/run.mjs [part …]      parts: build typecheck lint format unit webgpu cli webview host host-newest e2e
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(ROOT);

if (!fs.existsSync('node_modules/.package-lock.json')) {
  const r = spawnSync('npm', ['ci', '--ignore-scripts'], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (r.status !== 0) process.exit(1);
}
// Chromium draws the workbench and the webview pages. On Debian it can be installed here; elsewhere CHROME_PATH names it.
const chromiums = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
if (!chromiums.some((p) => p && fs.existsSync(p)) && fs.existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
  console.log('installing Chromium …');
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const bin = (name) => path.join('node_modules', '.bin', name);
const hasTests = (folder) => fs.existsSync(folder) && fs.readdirSync(folder, { recursive: true }).some((f) => f.endsWith('.test.ts'));
const mocha = (folder, ...flags) => [bin('mocha'), '--reporter', 'test/harness/specWithRetries.mjs', ...flags, `${folder}/**/*.test.ts`];
/** What a loaded machine does to a browser's timing is no finding: such a test gets two more tries, and why is printed. */
const BROWSER = ['--retries', '2'];

/** Where Debian's Chromium is, there is a program that plays a graphics processor; without one the tests say so and are skipped. */
const CHROMIUM = '/usr/lib/chromium';
const swiftShader = fs.existsSync(`${CHROMIUM}/vk_swiftshader_icd.json`) && {
  LD_LIBRARY_PATH: [CHROMIUM, process.env.LD_LIBRARY_PATH].filter(Boolean).join(path.delimiter),
  VK_ICD_FILENAMES: `${CHROMIUM}/vk_swiftshader_icd.json`,
  VK_DRIVER_FILES: `${CHROMIUM}/vk_swiftshader_icd.json`,
};
/** Every kernel that models use, against the CPU backend; what takes that program half a minute is left to `npm run test:gpu`. */
const gpuTests = [
  ...['layer', 'pooling', 'shape', 'elementwise', 'matmul', 'convolution'].map((name) => `test/unit/engine/${name}Kernels.test.ts`),
  'test/webgpu/**/*.test.ts',
];
const SLOW_ON_GPU = 'differences|fuses bias and (linear|sigmoid|relu6)|32 \\* 3×3×36|9×3×3×24';

/** One part of the run: its command, and whether its output closes with mocha's counts, ours, or neither. */
const parts = [
  { name: 'build', command: [process.execPath, 'esbuild.mjs'] },
  { name: 'typecheck', command: [bin('tsc'), '--noEmit'] },
  { name: 'lint', command: [bin('eslint'), '.'] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'unit', command: mocha('test/unit'), skip: !hasTests('test/unit'), counts: true },
  {
    name: 'webgpu',
    command: [bin('mocha'), '--reporter', 'spec', '--exit', '--timeout', '120000', '--grep', SLOW_ON_GPU, '--invert', ...gpuTests],
    env: { ...swiftShader, KERNELSCOPE_TEST_BACKEND: 'webgpu' },
    mayBeEmpty: true,
    counts: true,
  },
  { name: 'cli', command: mocha('test/cli'), skip: !hasTests('test/cli'), counts: true },
  { name: 'webview', command: mocha('test/webview', ...BROWSER), skip: !hasTests('test/webview'), counts: true },
  { name: 'host', command: [process.execPath, 'test/harness/run-host.mjs'], skip: !hasTests('test/host'), counts: true },
  {
    name: 'host-newest',
    command: [process.execPath, 'test/harness/run-host.mjs'],
    env: { VSCODE_VERSION: '1.139' },
    skip: !process.env.CI || !hasTests('test/host'),
    counts: true,
  },
  { name: 'e2e', command: mocha('test/e2e', ...BROWSER), skip: !hasTests('test/e2e'), counts: true },
];

function run([command, ...args], env = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      env: { ...process.env, ...env },
    });
    for (const stream of ['stdout', 'stderr']) {
      child[stream].on('data', (data) => {
        output += data;
        process[stream].write(data);
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The last `N passing`/`N failing` of mocha or `N passed, N failed` of the host runner. */
function count(output) {
  const host = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].pop();
  if (host) return { passed: Number(host[1]), failed: Number(host[2]) };
  const number = (word) => Number([...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].pop()?.[1] ?? 0);
  return { passed: number('passing'), failed: number('failing') };
}

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const part of parts) {
  if (part.skip || (wanted.length > 0 && part.name !== 'build' && !wanted.includes(part.name))) continue;
  console.log(`\n── ${part.name} ──`);
  const started = Date.now();
  const { code, output } = await run(part.command, part.env);
  const counted = part.counts ? count(output) : { passed: code === 0 ? 1 : 0, failed: 0 };
  // A part that died without a count, or ran nothing, has failed.
  const isEmpty = counted.passed + counted.failed === 0 && !(part.mayBeEmpty && / pending/.test(output));
  if ((code !== 0 && counted.failed === 0) || isEmpty) counted.failed += 1;
  passed += counted.passed;
  failed += counted.failed;
  console.log(`── ${part.name}: ${counted.passed} ok, ${counted.failed} not ok, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (part.name === 'build' && code !== 0) break;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
