import { spawn } from 'node:child_process';
import * as os from 'node:os';
import * as path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');
const CLI = path.join(ROOT, 'dist/cli.js');
export const SAMPLE = path.join(ROOT, 'media/sample/mnist_cnn.py');
/** A small network: a step of it takes a millisecond or two. */
export const SMALL = path.join(ROOT, 'test/host/workspace/mnist_cnn.py');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command as a person would. It is killed, without a chance to tidy up, once `killWhen` says so. */
export function kernelscope(args: string[], options: { cwd?: string; killWhen?: () => boolean } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: options.cwd ?? os.tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (d) => (stdout += d));
    child.stderr.on('data', (d) => (stderr += d));
    const { killWhen } = options;
    const timer = killWhen && setInterval(() => killWhen() && child.kill('SIGKILL'), 20);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
