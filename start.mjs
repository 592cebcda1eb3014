// `npm start`: sets up, builds, opens VS Code on a copy of the sample workspace and starts Train CNN on its sample file
// (a setting of that workspace, kernelscope.trainOnStartup, names it).
//   node start.mjs [--setup-only] [--server] [--port N]
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(fileURLToPath(import.meta.url));
process.chdir(ROOT);
const has = (flag) => process.argv.includes(flag);

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Kernelscope needs Node 20.19 or newer; this is ${process.version}. Install it from https://nodejs.org`);
  process.exit(1);
}
if (!fs.existsSync('node_modules/.package-lock.json')) step('installing packages', 'npm', ['ci', '--ignore-scripts']);
step('building', process.execPath, ['esbuild.mjs', '--quiet']);
if (has('--setup-only')) process.exit(0);

// The person may edit and train: they get a copy, kept between starts.
const workspace = path.join(os.homedir(), '.kernelscope', 'sample');
fs.mkdirSync(workspace, { recursive: true });
fs.cpSync(path.join(ROOT, 'media/sample'), workspace, { recursive: true, force: false });
const sample = path.join(workspace, 'mnist_cnn.py');
const settings = path.join(workspace, '.vscode', 'settings.json');
if (!fs.existsSync(settings)) {
  fs.mkdirSync(path.dirname(settings), { recursive: true });
  fs.writeFileSync(settings, `${JSON.stringify({ 'kernelscope.trainOnStartup': path.basename(sample) }, null, 2)}\n`);
}

const reason = has('--server') ? '--server was given' : await desktop();
if (reason) await server(reason);

function step(what, command, args) {
  console.log(`${what} …`);
  const r = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (r.status !== 0) process.exit(r.status ?? 1);
}

/** Opens desktop VS Code; answers with the reason when that can't be. */
async function desktop() {
  const { openDesktop } = await import('./test/harness/desktop.mjs');
  const reason = await openDesktop({
    extension: ROOT,
    folder: workspace,
    file: sample,
    oldest: JSON.parse(fs.readFileSync('package.json', 'utf8')).engines.vscode.replace('^', ''),
    dataDir: path.join(os.homedir(), '.kernelscope', 'vscode-desktop'),
    async download() {
      const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
      return downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(os.homedir(), '.cache', 'vscode-test') });
    },
  });
  if (reason === null) console.log(`VS Code opens on ${workspace}. Train CNN starts on ${path.basename(sample)}.`);
  return reason;
}

/** VS Code's own server from npm; prints its address. */
async function server(why) {
  console.log(`Starting VS Code in the browser, because ${why}.`);
  const { installVSCode, startVSCode, workbenchUrl } = await import('./test/harness/vscode.mjs');
  const running = await startVSCode({
    install: installVSCode(),
    dataDir: path.join(os.homedir(), '.kernelscope', 'vscode-server'),
    port: Number(process.argv[process.argv.indexOf('--port') + 1]) || 0,
    settings: { 'workbench.startupEditor': 'none' },
  });
  console.log(
    `\n  Open ${workbenchUrl(running, { folder: workspace, file: sample, development: ROOT })}\n\nTrain CNN starts on ${path.basename(sample)} when the page is open. Ctrl+C ends it.`,
  );
  process.on('SIGINT', () => void running.stop().then(() => process.exit(0)));
  process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)));
}
