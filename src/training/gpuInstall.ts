import { execFile, fork } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { assetPath } from '../base/assets';
import { GPU_PACKAGE } from '../common/gpuPackage';
import { GPU_VARIABLE } from './gpuFolders';

/**
 * Installs GPU support with npm into a folder of its own. Its scripts are not run: on no system does it need them.
 * @throws Error with the way out when npm is missing or fails.
 */
export async function installGpuSupport(folder: string, signal: AbortSignal): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  // npm would otherwise look for a project above.
  await fs.writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const isWindows = process.platform === 'win32';
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', GPU_PACKAGE];
  try {
    await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', args, { cwd: folder, signal, shell: isWindows });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const itself = `or install ${GPU_PACKAGE} yourself and name its folder in the setting kernelscope.webgpuModule`;
    if (code === 'ENOENT') throw new Error(`npm was not found: install Node.js from nodejs.org, ${itself}.`);
    if (signal.aborted) throw new Error('The installation was called off.');
    const reason = stderr?.split('\n').find((line) => line.trim() !== '') ?? (error as Error).message;
    throw new Error(`npm could not install ${GPU_PACKAGE} (${reason.trim()}): try again later, ${itself}.`);
  }
}

/**
 * Asks a process of its own about the GPU, because a driver that breaks takes its process with it.
 * @returns the adapter's name
 * @throws Error that says what is missing.
 */
export function describeGpu(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = fork(assetPath('cli.js'), ['gpu', '--json'], {
      env: { ...process.env, [GPU_VARIABLE]: folder },
      silent: true,
      execArgv: [],
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (data) => (out += String(data)));
    child.stderr?.on('data', (data) => (err += String(data)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve((JSON.parse(out) as { name: string }).name);
      const [reason] = err.trim().split('\n').slice(-1);
      reject(
        new Error(
          code === 2 ? reason.replace(/^kernelscope:1: /, '') : `The graphics driver broke the process that asked for a GPU (${code}).`,
        ),
      );
    });
  });
}
