// How long from the command to the first training step: npx tsx test/bench/startTraining.ts [MODEL] [ROUNDS]
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { readModelSource } from '../../src/model/readModelSource';
import { trainOptions } from '../../src/training/trainDefaults';
import { WorkerHandle } from '../../src/training/workerHandle';

/** When things happened, in milliseconds from the beginning. */
type Marks = [what: string, at: number][];

/** A thread from its start to its first step, as VS Code starts it: what it says that it does, and when. */
async function inThread(file: string, runFolder: string): Promise<Marks> {
  const [spec] = (await readModelSource({ path: file, text: fs.readFileSync(file, 'utf8') })).models;
  const started = performance.now();
  const marks: Marks = [];
  const mark = (what: string): void => {
    if (!marks.some(([marked]) => marked === what)) marks.push([what, performance.now() - started]);
  };
  const worker = new WorkerHandle();
  try {
    const trained = new Promise<void>((resolve, reject) => {
      worker.onDidCrash(reject);
      worker.on('didChangeStatus', ({ phase, message, step }) => {
        if (step === 0) return mark(message ?? phase);
        mark('the first step is done');
        resolve();
      });
    });
    const options = trainOptions(spec, {}, { seed: 1, backend: 'auto' });
    const data = { kind: 'embedded', name: 'digits' } as const;
    await worker.call('start', { runFolder, spec, sourceFile: file, sourceSha256: '', data, options, resume: false, startPaused: false });
    await trained;
    await worker.call('stop', null);
  } finally {
    worker.dispose();
  }
  return marks;
}

/** The command in a terminal, to the first step's line in the run folder. */
async function inTerminal(file: string, runFolder: string): Promise<Marks> {
  const cli = path.resolve(__dirname, '../../dist/cli.js');
  const started = performance.now();
  const args = [cli, 'train', file, '--data', 'embedded', '--epochs', '1', '--limit', '320', '--run', runFolder];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise<never>((_, reject) => child.once('close', () => reject(new Error('the command ended early'))));
  ended.catch(() => {});
  const hasRow = (): boolean =>
    fs.existsSync(path.join(runFolder, 'metrics.jsonl')) && fs.statSync(path.join(runFolder, 'metrics.jsonl')).size > 0;
  while (!hasRow()) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2))]);
  const marks: Marks = [['`kernelscope train` to its first step', performance.now() - started]];
  await ended.catch(() => {});
  return marks;
}

async function main(): Promise<void> {
  const [model = 'a', rounds = '5'] = process.argv.slice(2);
  const file = path.join(__dirname, 'models', `${model}.py`);
  const times = new Map<string, number[]>();
  for (let i = 0; i < Number(rounds); i++)
    for (const measure of [inThread, inTerminal]) {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-start-'));
      try {
        for (const [what, at] of await measure(file, path.join(folder, 'run'))) times.set(what, [...(times.get(what) ?? []), at]);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }
  console.log(
    `milliseconds from the beginning: median of ${rounds}, and each; Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`,
  );
  for (const [what, values] of times) {
    const median = [...values].sort((a, b) => a - b)[values.length >> 1];
    console.log(what.padEnd(40), median.toFixed(0).padStart(8), `   (${values.map((v) => v.toFixed(0)).join(', ')})`);
  }
}
void main();
