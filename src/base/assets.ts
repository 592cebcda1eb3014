import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Absolute path of a file that the build puts into `dist/` beside the bundles (wasm modules, worker scripts).
 * Works from a bundle in `dist/` and, for tests, from the sources.
 * @throws Error when the build has not been run.
 */
export function assetPath(name: string): string {
  const candidates = [path.join(__dirname, name), path.resolve(__dirname, '../../dist', name)];
  const found = candidates.find((c) => fs.existsSync(c));
  if (!found) throw new Error(`${name} is missing beside the program; build it with \`npm run build\``);
  return found;
}
