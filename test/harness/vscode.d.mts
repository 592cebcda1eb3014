import type { BrowserContext, Frame, Locator, Page } from 'playwright-core';

export declare const ROOT: string;
export declare const PATIENCE_MS: number;
export declare function removeFolder(folder: string): void;
export interface Install {
  dir: string;
  node: string;
  serverMain: string;
  version: string;
  name: string;
}
export interface Server {
  install: Install;
  port: number;
  origin: string;
  dataDir: string;
  extensionsDir: string;
  log(): string;
  stop(): Promise<void>;
}
export declare function installVSCode(name?: string): Install;
export declare function installVsix(install: Install, dataDir: string, vsix: string): void;
export declare function startVSCode(options?: {
  install?: Install;
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
  trust?: 'disabled' | 'enabled';
  driver?: boolean;
  dataDir?: string;
  port?: number;
  args?: string[];
}): Promise<Server>;
export declare function workbenchUrl(
  server: Server,
  options?: { folder?: string; development?: string; tests?: string; enableProposedApi?: boolean; file?: string },
): string;
export declare function findChromium(): string;
export declare function startBrowser(options?: {
  viewport?: { width: number; height: number };
  args?: string[];
}): Promise<{ context: BrowserContext; page: Page; close(): Promise<void> }>;
export declare function waitForWorkbench(page: Page): Promise<void>;
export declare function runCommand(page: Page, title: string): Promise<void>;
export declare function openFile(page: Page, name: string): Promise<void>;
export declare function hoverText(page: Page, lineText: string, word: string): Promise<Locator>;
export declare function activityBar(page: Page, title: string): Promise<void>;
export declare function webviewFrame(page: Page, selector: string, timeout?: number): Promise<Frame>;
