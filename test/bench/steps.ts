// Times one step of training on every engine that is installed: npm run bench -- [--models a,b,c] [--batches 32,128] [--rounds 3]
// [--seconds 2] [--engines ours,torch,keras,tfjs-wasm,tfjs-cpu] [--threads 2] [--clock wall|processor]. Engines take turns, so that a busy machine
// is as unfair to one as to the other. See README.md for how to install the peers.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { parseArgs } from 'node:util';
import { readModelSource } from '../../src/model/readModelSource';
import type { Answer, Job } from './job';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'a,b,c' },
    batches: { type: 'string', default: '32,128' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    engines: { type: 'string', default: 'ours,torch,keras' },
    clock: { type: 'string', default: 'wall' },
    threads: { type: 'string', default: String(Math.min(2, os.availableParallelism())) },
  },
});

/** A process that answers jobs. */
class Engine {
  private waiting: ((line: string) => void)[] = [];
  private closed = false;
  name = '';

  constructor(
    readonly key: string,
    private readonly child: ChildProcess,
  ) {
    readline.createInterface({ input: child.stdout! }).on('line', (line) => this.waiting.shift()?.(line));
    child.on('close', () => {
      this.closed = true;
      for (const resolve of this.waiting.splice(0)) resolve('{"error": "the process ended"}');
    });
  }

  /** Null when the engine did not start. */
  async start(): Promise<Engine | null> {
    const first = JSON.parse(await this.line()) as { ready?: string };
    this.name = first.ready ?? '';
    return first.ready ? this : null;
  }

  async ask(job: Job): Promise<Answer> {
    if (this.closed) return { error: 'the process ended' };
    const answer = this.line();
    this.child.stdin!.write(`${JSON.stringify(job)}\n`);
    return JSON.parse(await answer) as Answer;
  }

  stop(): void {
    this.child.stdin!.end();
  }

  private line(): Promise<string> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

const here = __dirname;
const python = process.env.KERNELSCOPE_PYTHON ?? 'python3';
const commands: Record<string, [string, string[]]> = {
  ours: [process.execPath, ['--import', 'tsx', path.join(here, 'peers/ownEngine.ts')]],
  torch: [python, [path.join(here, 'peers/torch_step.py')]],
  keras: [python, [path.join(here, 'peers/keras_step.py')]],
  'tfjs-wasm': [process.execPath, ['--import', 'tsx', path.join(here, 'peers/stockTfjs.ts'), 'wasm']],
  'tfjs-cpu': [process.execPath, ['--import', 'tsx', path.join(here, 'peers/stockTfjs.ts'), 'cpu']],
};

async function startEngine(key: string): Promise<Engine | null> {
  if (!Object.hasOwn(commands, key)) throw new Error(`no engine ${key}; there are ${Object.keys(commands).join(', ')}`);
  const [command, args] = commands[key];
  const module = key === 'torch' ? 'torch' : key === 'keras' ? 'keras' : null;
  if (module && spawnSync(command, ['-c', `import ${module}`], { stdio: 'ignore' }).status !== 0) {
    console.error(`${key}: ${command} cannot import ${module}; set KERNELSCOPE_PYTHON (see test/bench/README.md)`);
    return null;
  }
  const env = { ...process.env, OMP_NUM_THREADS: options.threads, KERNELSCOPE_THREADS: options.threads, KERNELSCOPE_CLOCK: options.clock };
  return new Engine(key, spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env })).start();
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

async function main(): Promise<void> {
  const engines = (await Promise.all(options.engines.split(',').map(startEngine))).filter((e) => e !== null);
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  console.log(
    `${cpu}, ${os.availableParallelism()} cores, ${options.threads} threads, Node ${process.version}; load before ${os.loadavg()[0].toFixed(1)}`,
  );
  for (const e of engines) console.log(`${e.key}: ${e.name}`);
  console.log(
    `milliseconds${options.clock === 'processor' ? ' of processor time' : ''} per step, median of ${options.rounds} rounds; ratio: fastest peer / ours, more than 1 is faster\n`,
  );
  console.log(['model', 'batch', ...engines.map((e) => e.key), 'ratio'].map((t) => t.padStart(16)).join(''));
  const notes: string[] = [];
  for (const model of options.models.split(','))
    for (const batch of options.batches.split(',').map(Number)) {
      const source = fs.readFileSync(path.join(here, 'models', `${model}.py`), 'utf8');
      const [spec] = (await readModelSource({ path: 'model.py', text: source })).models;
      const { optimizer, loss } = spec.training;
      const job: Job = {
        source,
        layers: spec.layers,
        input: spec.inputShapes[0].slice(1),
        batch,
        loss: loss?.name ?? '',
        optimizer: optimizer?.className ?? '',
        seconds: Number(options.seconds),
      };
      const times = new Map<Engine, number[]>(engines.map((e) => [e, []]));
      for (let round = 0; round < Number(options.rounds); round++)
        for (const engine of engines) {
          // Stock TensorFlow.js takes seconds to minutes per step: once is enough.
          if (round > 0 && engine.key.startsWith('tfjs')) continue;
          const { ms, error, note } = await engine.ask(job);
          if (ms !== undefined) times.get(engine)!.push(ms);
          if (round === 0 && (error ?? note)) notes.push(`${model} ${batch}, ${engine.key}: ${error ?? note}`);
        }
      const cells = engines.map((e) => {
        const t = times.get(e)!;
        return t.length > 0 ? median(t) : NaN;
      });
      const own = cells[engines.findIndex((e) => e.key === 'ours')];
      const best = Math.min(...cells.filter((v, i) => engines[i].key !== 'ours' && !Number.isNaN(v)));
      const ratio = Number.isFinite(best / own) ? (best / own).toFixed(2) : '–';
      console.log(
        [model, batch, ...cells.map((v) => (Number.isNaN(v) ? '–' : v.toFixed(1))), ratio].map((t) => String(t).padStart(16)).join(''),
      );
    }
  for (const note of notes) console.log(note);
  console.log(`load after ${os.loadavg()[0].toFixed(1)}`);
  for (const e of engines) e.stop();
}

void main();
