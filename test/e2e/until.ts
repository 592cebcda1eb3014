import { PATIENCE_MS } from '../harness/vscode.mjs';

const PAUSE_MS = 50;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Waits until `check` gives something. */
export async function until<T>(what: string, check: () => Promise<T | null | false | undefined>, timeoutMs = PATIENCE_MS): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await pause();
  }
}

/** Repeats assertions about what is still being drawn until they hold; what they say at the end is what fails the test. */
export async function eventually<T>(assertion: () => Promise<T>, timeoutMs = PATIENCE_MS): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause();
    }
  }
}
