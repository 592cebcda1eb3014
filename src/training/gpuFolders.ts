import * as path from 'node:path';

/** Names a folder with the npm package `webgpu`, for the terminal and for tests. */
export const GPU_VARIABLE = 'KERNELSCOPE_WEBGPU';

/**
 * Folders in which the npm package `webgpu` is looked for, in order: those given, the one that KERNELSCOPE_WEBGPU names, those of
 * NODE_PATH, and this program's own, where it lies when both were installed with npm. It is native code: give only folders that the
 * person trusts.
 */
export function gpuFolders(given: readonly (string | null)[]): string[] {
  const folders = [
    ...given,
    process.env[GPU_VARIABLE] ?? null,
    ...(process.env.NODE_PATH ?? '').split(path.delimiter),
    path.resolve(__dirname, '..'),
    path.resolve(__dirname, '../..'),
  ];
  return [...new Set(folders.filter((f): f is string => Boolean(f)).map((f) => path.resolve(f)))];
}
