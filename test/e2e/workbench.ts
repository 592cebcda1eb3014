import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import {
  installVSCode,
  installVsix,
  removeFolder,
  ROOT,
  startBrowser,
  startVSCode,
  waitForWorkbench,
  workbenchUrl,
  type Server,
} from '../harness/vscode.mjs';
import { until } from './until';

const SHOTS = path.join(ROOT, 'out/shots');
let vsix: string | null = null;

/** The extension as people install it, packaged once per test run. */
function packaged(): string {
  if (vsix) return vsix;
  const r = spawnSync('npm', ['run', 'package'], { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  if (r.status !== 0) throw new Error(`packaging failed:\n${r.stdout}\n${r.stderr}`);
  vsix = path.join(ROOT, 'dist/kernelscope.vsix');
  return vsix;
}

export interface WorkbenchOptions {
  /** Copies files into the workspace folder before it is opened. */
  fill(folder: string): void;
  /** Opened at once, relative to the workspace folder. */
  file?: string;
  settings?: Record<string, unknown>;
  viewport?: { width: number; height: number };
}

/** A real VS Code with the packaged extension on a workspace of its own. */
export class Workbench {
  private constructor(
    readonly page: Page,
    readonly folder: string,
    private readonly server: Server,
    private readonly closeBrowser: () => Promise<void>,
  ) {}

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    // Resolved: the workbench names files by their real path.
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-e2e-')));
    options.fill(folder);
    const install = installVSCode();
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-data-'));
    installVsix(install, dataDir, packaged());
    const server = await startVSCode({ install, dataDir, settings: options.settings });
    const { page, close } = await startBrowser({ viewport: options.viewport ?? { width: 1440, height: 900 } });
    const workbench = new Workbench(page, folder, server, close);
    try {
      await page.goto(workbenchUrl(server, { folder, file: options.file && path.join(folder, options.file) }));
      await waitForWorkbench(page);
    } catch (error) {
      await workbench.close('did-not-open');
      throw error;
    }
    return workbench;
  }

  /** Loads the window anew, as a person does; editors and panels come back by themselves. */
  async reload(): Promise<void> {
    await this.page.goto(workbenchUrl(this.server, { folder: this.folder }));
    await waitForWorkbench(this.page);
  }

  /**
   * Waits until the window's memory on disk holds all of these in one place. A browser writes it now and then, and not when a page is
   * left: a reload that comes before loses what the person did last.
   */
  async remembers(...patterns: RegExp[]): Promise<void> {
    // What the test runner's compiler puts around functions.
    await this.page.evaluate('globalThis.__name = (f) => f');
    await until(`the window remembers ${patterns.join(' ')}`, () =>
      this.page.evaluate(
        async (sources) => {
          const wanted = sources.map((s) => new RegExp(s));
          for (const { name } of await indexedDB.databases()) {
            if (!name?.startsWith('vscode-web-state')) continue;
            const done = <T>(request: IDBRequest<T>): Promise<T> =>
              new Promise((resolve, reject) => {
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error ?? new Error(name));
              });
            const database = await done(indexedDB.open(name));
            try {
              for (const store of database.objectStoreNames) {
                const values: unknown[] = await done(database.transaction(store).objectStore(store).getAll());
                if (values.some((v) => typeof v === 'string' && wanted.every((w) => w.test(v)))) return true;
              }
            } finally {
              database.close();
            }
          }
          return false;
        },
        patterns.map((p) => p.source),
      ),
    );
  }

  /** A screenshot for people, kept in out/shots. */
  async shot(name: string): Promise<void> {
    fs.mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
  }

  /** What the extension's output channel says so far. */
  extensionLog(): string {
    const logs = path.join(this.server.dataDir, 'data/logs');
    const files = fs.readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((f) => /kernelscope/i.test(f) && f.endsWith('.log'));
    return files.map((f) => fs.readFileSync(path.join(logs, f), 'utf8')).join('');
  }

  /** Ends everything, after a last look for people at how things stood. */
  async close(lastShot?: string): Promise<void> {
    if (lastShot) await this.shot(lastShot).catch(() => {});
    await this.closeBrowser();
    await this.server.stop();
    removeFolder(this.server.dataDir);
    removeFolder(this.folder);
  }

  /** The newest run folder in the workspace. */
  runFolder(): string {
    const runs = path.join(this.folder, '.kernelscope/runs');
    const newest = fs.readdirSync(runs).sort().at(-1);
    if (!newest) throw new Error('there is no run');
    return path.join(runs, newest);
  }
}
