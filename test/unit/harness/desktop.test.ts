import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openDesktop } from '../../harness/desktop.mjs';

/** Desktop VS Code played by shell scripts. */
describe('desktop VS Code for npm start', function () {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-desktop-'));
  after(() => fs.rmSync(root, { recursive: true, force: true }));

  let made = 0;
  /** A program that keeps its arguments, one a line, and then does `what`. */
  function program(name: string, what: string): { folder: string; file: string; args(): string[] } {
    const folder = path.join(root, String(++made));
    fs.mkdirSync(folder);
    const file = path.join(folder, name);
    const log = path.join(folder, 'arguments');
    fs.writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] || printf '%s\\n' "$@" > '${log}'\n${what}\n`, { mode: 0o755 });
    return { folder, file, args: () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []) };
  }
  const code = (version: string, how = 'exit 0') => program('code', `[ "$1" = --version ] && { echo '${version}'; exit 0; }\n${how}`);
  const none = () => Promise.reject(new Error('no network'));
  const open = (folder: string | null, download: () => Promise<string> = none, env: NodeJS.ProcessEnv = {}, startMs = 20_000) =>
    openDesktop({
      extension: '/work space/extension',
      folder: '/sample folder',
      file: '/sample folder/net.py',
      oldest: '1.100.0',
      dataDir: '/data',
      download,
      env: { DISPLAY: ':0', PATH: folder ?? '/nowhere', ...env },
      startMs,
    });

  it('opens the folder and the file in the VS Code that is installed', async () => {
    const installed = code('1.100.2');
    assert.equal(await open(installed.folder), null);
    const args = installed.args();
    assert.equal(args[0], '--extensionDevelopmentPath=/work space/extension');
    assert.deepEqual(args.slice(-4), ['--new-window', '/sample folder', '--goto', '/sample folder/net.py']);
    assert.ok(args.includes('--disable-workspace-trust'));
    assert.equal(args.includes('--no-sandbox'), process.getuid?.() === 0);
  });

  it('takes a program that stays for a window that is open', async () => {
    const downloaded = program('Code', 'exec /bin/sleep 5');
    let isAsked = false;
    const download = () => ((isAsked = true), Promise.resolve(downloaded.file));
    assert.equal(await open(null, download, {}, 500), null);
    assert.ok(isAsked);
    while (downloaded.args().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(downloaded.args().at(-1), '/sample folder/net.py');
  });

  for (const [why, installed, message] of [
    ['there is none', () => null, /^no desktop VS Code was found and another could not be downloaded \(no network\)$/],
    ['it is too old', () => code('1.99.3').folder, /^the installed VS Code is 1\.99, older than 1\.100\.0, and another/],
    ['it does not start', () => code('1.120.0', 'exit 1').folder, /^the installed VS Code did not start \(it ended with 1\) and another/],
  ] as const)
    it(`says so when ${why} and none can be downloaded`, async () => assert.match((await open(installed())) ?? '', message));

  it('leaves the command of a remote terminal alone, and needs a display', async () => {
    const remote = code('1.120.0');
    assert.match((await open(remote.folder, none, { VSCODE_IPC_HOOK_CLI: '/tmp/socket' })) ?? '', /on another machine and another/);
    assert.deepEqual(remote.args(), []);
    if (process.platform === 'linux') assert.equal(await open(remote.folder, none, { DISPLAY: '' }), 'there is no display');
  });

  it('says so when the one that was downloaded does not start', async () => {
    const broken = program('Code', 'exit 127');
    assert.match((await open(null, () => Promise.resolve(broken.file))) ?? '', /downloaded did not start \(it ended with 127\)/);
  });
});
