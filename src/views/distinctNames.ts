import * as path from 'node:path';

/** The shortest ends of paths that tell them apart: file names, with as many folders as it takes. */
export function distinctNames(paths: readonly string[]): string[] {
  const parts = paths.map((p) => p.split(path.sep).filter(Boolean));
  const longest = Math.max(1, ...parts.map((p) => p.length));
  for (let n = 1; n < longest; n++) {
    const names = parts.map((p) => p.slice(-n).join('/'));
    if (new Set(names).size === new Set(paths).size) return names;
  }
  return [...paths];
}
