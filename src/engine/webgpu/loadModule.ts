import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { GPU_PACKAGE } from '../../common/gpuPackage';
import { GpuUnavailable } from './gpu';

/** What the npm package `webgpu` gives: Dawn, the WebGPU of Chromium, for Node. */
interface WebgpuModule {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}

/**
 * Entry of the package `webgpu` in one of these folders: the package itself, a folder above it, or one that has it in node_modules.
 * Folders above them are not searched: whoever names a folder has said what may be run.
 */
export function findWebgpuModule(folders: readonly string[]): string | null {
  const candidates = folders.flatMap((f) => [f, path.join(f, 'webgpu'), path.join(f, 'node_modules', 'webgpu')]);
  return candidates.map((f) => path.join(f, 'index.js')).find((f) => isPackage(path.dirname(f)) && fs.existsSync(f)) ?? null;
}

function isPackage(folder: string): boolean {
  try {
    return (JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: string }).name === 'webgpu';
  } catch {
    return false;
  }
}

/** @throws GpuUnavailable when it is not installed or does not start here. */
export async function loadWebgpuModule(folders: readonly string[]): Promise<{ gpu: GPU; where: string }> {
  const where = findWebgpuModule(folders);
  if (!where)
    throw new GpuUnavailable(
      `Training on a GPU needs the npm package webgpu, which is not installed${folders.length > 0 ? ` in ${folders.join(', ')}` : ''}. In VS Code run “Kernelscope: Install GPU Support”; for the terminal install it beside the files (npm install ${GPU_PACKAGE}) or name its folder in KERNELSCOPE_WEBGPU.`,
    );
  try {
    const { create, globals } = (await import(pathToFileURL(where).href)) as WebgpuModule;
    Object.assign(globalThis, globals);
    return { gpu: create([]), where: path.dirname(where) };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    throw new GpuUnavailable(
      `The package webgpu in ${path.dirname(where)} does not start here (${reason}). Reinstall it (npm install ${GPU_PACKAGE}), or train with the engine wasm.`,
    );
  }
}
