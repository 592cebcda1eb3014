import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Emitter } from '../../../src/base/emitter';
import { encodeFrame } from '../../../src/common/frame';
import type { ModelSpec } from '../../../src/common/modelSpec';
import type { RunManifest, RunPhase, RunStatus, TrainOptions } from '../../../src/common/run';
import type { StartParams, WorkerEvents } from '../../../src/common/trainingProtocol';
import { RunWriter } from '../../../src/runs/runWriter';
import { runsAtOnce, studySeeds, type SeedStudyRequest } from '../../../src/training/seedStudy';
import type { TrainingWorker } from '../../../src/training/trainingWorker';

const spec = {
  name: 'model',
  layers: [{ name: 'conv', className: 'Conv2D', inputs: [], weights: [{ name: 'kernel', shape: [1, 1, 1, 2] }] }],
} as unknown as ModelSpec;

/** A thread that writes what a run leaves, and ends as it is told to. */
class FakeWorker {
  static alive = 0;
  static readonly calls: string[] = [];
  private readonly events = new Map<string, Emitter<never>>();
  private readonly crashed = new Emitter<Error>();
  readonly onDidCrash = this.crashed.event;
  private seed = 0;

  constructor(private readonly endOf: (seed: number) => RunPhase | 'crash' | 'never') {
    FakeWorker.alive++;
  }

  on<K extends keyof WorkerEvents & string>(type: K, listener: (payload: WorkerEvents[K]) => void) {
    const emitter = this.events.get(type) ?? new Emitter<never>();
    this.events.set(type, emitter);
    return (emitter as unknown as Emitter<WorkerEvents[K]>).event(listener);
  }

  async call(type: string, params: unknown): Promise<unknown> {
    FakeWorker.calls.push(`${type} ${this.seed}`);
    if (type === 'start') return this.start(params as StartParams);
    if (type === 'layerActivity')
      return { images: 4, layers: [{ layer: 'conv', units: 2, gram: new Float32Array(16), samples: new Float32Array(8) }] };
    if (type === 'resume') setImmediate(() => this.end(this.endOf(this.seed)));
    if (type === 'stop') this.end('stopped');
    return type === 'weightsSha256' ? 'hash' : null;
  }

  private start({ runFolder, options }: StartParams) {
    this.seed = options.seed;
    const writer = new RunWriter(runFolder);
    writer.writeManifest({ format: 'kernelscope-run-1', test: { accuracy: options.seed / 10 } } as unknown as RunManifest);
    const values = Float32Array.of(options.seed, 1);
    const tensors = [{ name: 'weight:conv/kernel', shape: [1, 1, 1, 2], values }];
    writer.writeFrame(3, encodeFrame({ step: 3, epoch: 0, loss: 1, learningRate: 0.1, tensors }));
    return { totalSteps: 3 };
  }

  private end(phase: RunPhase | 'crash' | 'never'): void {
    if (phase === 'never') return;
    if (phase === 'crash') return this.crashed.fire(new Error('out of memory'));
    const status = { phase, step: 3, message: phase === 'failed' ? 'The loss is not a number.' : null } as RunStatus;
    (this.events.get('didChangeStatus') as unknown as Emitter<RunStatus>).fire(status);
  }

  dispose(): void {
    FakeWorker.alive--;
  }
}

describe('a study of seeds', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-study-'));
  after(() => fs.rmSync(root, { recursive: true, force: true }));
  beforeEach(() => (FakeWorker.calls.length = 0));
  afterEach(() => assert.equal(FakeWorker.alive, 0, 'every thread is gone'));

  let folders = 0;
  const request = (
    seeds: number[],
    endOf: (seed: number) => RunPhase | 'crash' | 'never',
    change: Partial<SeedStudyRequest> = {},
  ): SeedStudyRequest => ({
    spec,
    sourceFile: 'a.py',
    sourceSha256: '',
    data: { kind: 'embedded', name: 'digits' },
    options: { seed: 0 } as TrainOptions,
    seeds,
    folderFor: async (seed) => path.join(root, `${++folders}-${seed}`),
    createWorker: async () => new FakeWorker(endOf) as unknown as TrainingWorker,
    ...change,
  });

  it('trains every seed and keeps what a comparison needs, in the order asked for', async () => {
    const finished: number[] = [];
    const study = await studySeeds(request([5, 3, 8], () => 'finished', { didFinish: (r) => finished.push(r.seed) }));
    assert.deepEqual(
      study.runs.map((r) => [r.seed, r.accuracy, [...(r.kernels.get('conv') ?? [])]]),
      [
        [5, 0.5, [5, 1]],
        [3, 0.3, [3, 1]],
        [8, 0.8, [8, 1]],
      ],
    );
    assert.equal(study.images, 4);
    assert.deepEqual([...finished].sort(), [3, 5, 8]);
    // The layers are looked at before the first step and after the last.
    const first = FakeWorker.calls.filter((c) => c.endsWith(' 5')).map((c) => c.split(' ')[0]);
    assert.deepEqual(first, ['layerActivity', 'resume', 'weightsSha256', 'layerActivity']);
  });

  it('keeps the finished runs when it is stopped', async () => {
    const stop = new AbortController();
    const study = studySeeds(
      request([1, 2, 3], (seed) => (seed === 1 ? 'finished' : 'never'), {
        stop: stop.signal,
        didFinish: () => setTimeout(() => stop.abort(), 20),
      }),
    );
    assert.deepEqual(
      (await study).runs.map((r) => r.seed),
      [1],
    );
  });

  it('begins nothing once stopped', async () => {
    const study = await studySeeds(request([1, 2], () => 'finished', { stop: AbortSignal.abort() }));
    assert.deepEqual(study.runs, []);
    assert.deepEqual(FakeWorker.calls, []);
  });

  it('passes on why a run failed, and begins no other', async () => {
    await assert.rejects(studySeeds(request([1, 2, 3, 4, 5], (seed) => (seed === 1 ? 'failed' : 'finished'))), /The loss is not a number/);
    await assert.rejects(studySeeds(request([1, 2], () => 'crash')), /out of memory/);
    assert.ok(!FakeWorker.calls.some((c) => c.endsWith(' 5')));
  });

  it('refuses a model without conv layers', async () => {
    const dense = { name: 'mlp', layers: [] } as unknown as ModelSpec;
    await assert.rejects(studySeeds({ ...request([1, 2], () => 'finished'), spec: dense }), /mlp has no conv layer/);
  });

  it('trains two at a time where there are cores for it', () => {
    assert.deepEqual(
      [1, 2, 4, 7, 8, 64].map((cores) => runsAtOnce(cores)),
      [1, 1, 1, 1, 2, 2],
    );
  });
});
