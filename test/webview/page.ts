import * as fs from 'node:fs';
import * as path from 'node:path';
import esbuild from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { webviewHtml } from '../../src/views/webviewHtml';
import { findChromium } from '../harness/vscode.mjs';
import { THEMES, type ThemeName } from './themes';

const ORIGIN = 'https://webview.test';
const ROOT = path.resolve(__dirname, '../..');

let browser: Browser | null = null;
const bundles = new Map<string, Promise<{ js: string; css: string }>>();

/** A real Chromium, started once, and again if it died. CHROME_PATH names another one than the system's. */
export async function openBrowser(): Promise<Browser> {
  if (browser?.isConnected()) return browser;
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--font-render-hinting=none'],
  });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

/** Bundles an entry point as the build does, in memory, so that tests never run against a stale dist folder. */
function bundle(entry: string, format: 'esm' | 'iife' = 'esm'): Promise<{ js: string; css: string }> {
  const known = bundles.get(entry);
  if (known) return known;
  const made = esbuild
    .build({
      entryPoints: [path.join(ROOT, entry)],
      bundle: true,
      write: false,
      outdir: path.join(ROOT, 'out/webview'),
      platform: 'browser',
      format,
      target: 'chrome120',
      logLevel: 'error',
    })
    .then(({ outputFiles }) => ({
      js: outputFiles.find((f) => f.path.endsWith('.js'))?.text ?? '',
      css: outputFiles.find((f) => f.path.endsWith('.css'))?.text ?? '',
    }));
  bundles.set(entry, made);
  return made;
}

export interface WebviewPageOptions {
  view: 'panel' | 'gallery' | 'seeds' | 'weights';
  theme?: ThemeName;
  width?: number;
  height?: number;
  deviceScaleFactor?: number;
  reducedMotion?: boolean;
  /** Runs in the page before its script: prepares `window.fakeHost`. */
  prepare?(page: Page): Promise<void>;
}

export interface TestPage {
  page: Page;
  /** Console errors, page errors and breaches of the content security policy so far. */
  problems(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Opens a page as VS Code would: the real HTML shell with its strict policy, theme variables on the root element, the theme's class on
 * the body, and the fake host in place of the extension.
 */
export async function openWebview(options: WebviewPageOptions, fill: (page: Page) => Promise<void>): Promise<TestPage> {
  const { view, theme = 'vscode-dark', width = 1000, height = 900 } = options;
  const context = await (
    await openBrowser()
  ).newContext({
    viewport: { width, height },
    deviceScaleFactor: options.deviceScaleFactor ?? 1,
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') errors.push(`console ${m.type()}: ${m.text()}`);
  });
  page.on('pageerror', (e) => errors.push(`page error: ${e.message}`));
  const [app, host] = await Promise.all([bundle(`webview/${view}/main.ts`), bundle('test/webview/fakeHost.ts', 'iife')]);
  const html = webviewHtml({
    name: view,
    title: 'Test',
    cspSource: ORIGIN,
    scriptUri: `${ORIGIN}/${view}.js`,
    styleUri: `${ORIGIN}/${view}.css`,
  });
  const variables = Object.entries(THEMES[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  let release: () => void = () => {};
  const isFilled = new Promise<void>((resolve) => (release = resolve));
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
    if (pathname === `/${view}.js`) {
      // The page's own script comes last: by then the host has its run.
      await isFilled;
      return route.fulfill({ contentType: 'text/javascript', body: app.js });
    }
    if (pathname === `/${view}.css`) return route.fulfill({ contentType: 'text/css', body: app.css });
    return route.fulfill({ status: 404, body: '' });
  });
  await page.addInitScript({ content: host.js });
  await page.goto(`${ORIGIN}/`, { waitUntil: 'commit' });
  await page.waitForSelector('#root', { state: 'attached' });
  await page.evaluate(
    ([className, css]) => {
      document.body.classList.add(className);
      for (const line of css)
        document.documentElement.style.setProperty(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1, -1).trim());
    },
    [theme, variables] as const,
  );
  await fill(page);
  release();
  await page.waitForLoadState('load');
  return {
    page,
    problems: async () => [...errors, ...(await page.evaluate(() => window.fakeHost.violations))],
    close: () => context.close(),
  };
}

/** Waits until everything asked for is drawn. */
export function settle(page: Page): Promise<void> {
  return page.evaluate(() => window.fakeHost.rest());
}

/** Puts an encoded frame into the fake host. */
export async function addFrame(page: Page, frame: ArrayBuffer | Buffer): Promise<void> {
  const base64 = Buffer.from(frame as ArrayBuffer).toString('base64');
  await page.evaluate((text) => window.fakeHost.addFrame(text), base64);
}

/** Keeps a picture for people to look at, in out/screenshots. */
export async function keepScreenshot(page: Page, name: string, fullPage = true): Promise<void> {
  const folder = path.join(ROOT, 'out/screenshots');
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `webview-${name}.png`), fullPage, animations: 'disabled' });
}
