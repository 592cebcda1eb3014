import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/emitter';
import { encodeFrame } from '../../../src/common/frame';
import type { RunPhase, RunStatus } from '../../../src/common/run';
import type { RunStarted, WorkerCalls, WorkerEvents } from '../../../src/common/trainingProtocol';
import { RunSession, type RunDescription } from '../../../src/training/runSession';
import type { TrainingWorker } from '../../../src/training/trainingWorker';
import { exampleSpec } from '../editor/exampleSpec';

/** A worker that records its calls and says what a test tells it to. */
class FakeWorker implements TrainingWorker {
  readonly calls: [string, unknown][] = [];
  readonly crash = new Emitter<Error>();
  readonly onDidCrash = this.crash.event;
  isDisposed = false;
  startError: Error | null = null;
  private readonly listeners = new Map<string, ((payload: never) => void)[]>();

  async call<K extends keyof WorkerCalls & string>(type: K, params: WorkerCalls[K]['params']): Promise<WorkerCalls[K]['result']> {
    this.calls.push([type, params]);
    if (type === 'start') {
      if (this.startError) throw this.startError;
      const started: Partial<RunStarted> = { stepsPerEpoch: 10, totalSteps: 30, backend: 'test', notRepeatable: [], notes: [] };
      return started as WorkerCalls[K]['result'];
    }
    return null as WorkerCalls[K]['result'];
  }
  on<K extends keyof WorkerEvents & string>(type: K, listener: (payload: WorkerEvents[K]) => void) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
    return { dispose: () => {} };
  }
  say<K extends keyof WorkerEvents & string>(type: K, payload: WorkerEvents[K]): void {
    for (const l of this.listeners.get(type) ?? []) l(payload as never);
  }
  dispose(): void {
    this.isDisposed = true;
  }
}

const description: RunDescription = {
  id: 'run',
  folder: '/tmp/run',
  spec: exampleSpec(),
  sourceUri: 'file:///a.py',
  sourceFile: 'a.py',
  sourceSha256: '',
  data: { kind: 'embedded', name: 'digits' },
  options: { seed: 7, epochs: 3, batchSize: 16, learningRate: null, maxSteps: null, limit: null, backend: 'auto' },
};
const frame = (step: number) => encodeFrame({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors: [] });
const row = (step: number) => ({ step, epoch: 0, seconds: 0, learningRate: 0.1, values: { loss: step } });

function setUp() {
  const workers: FakeWorker[] = [];
  const session = new RunSession(description, async () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
  const status = (phase: RunPhase, step = 0): RunStatus => ({ ...session.status, phase, step });
  return { workers, session, status };
}

describe('RunSession', () => {
  it('starts its worker with the run and then follows what it says', async () => {
    const { workers, session, status } = setUp();
    await session.start({ resume: false, startPaused: false });
    const start = workers[0].calls.find(([type]) => type === 'start')?.[1] as { runFolder: string; resume: boolean };
    assert.deepEqual([start.runFolder, start.resume], ['/tmp/run', false]);
    assert.equal(session.status.totalSteps, 30);
    workers[0].say('didChangeStatus', status('running', 5));
    workers[0].say('didCaptureFrame', frame(0));
    workers[0].say('didCaptureFrame', frame(5));
    workers[0].say('didRecordMetrics', [row(1), row(2)]);
    assert.equal(session.isLive, true);
    assert.equal(session.firstFrame?.byteLength, frame(0).byteLength);
    assert.notEqual(session.firstFrame, session.latestFrame);
    assert.deepEqual(
      session.metrics.steps.map((r) => r.step),
      [1, 2],
    );
    session.dispose();
    assert.equal(workers[0].isDisposed, true);
  });

  it('captures for nobody until a view looks, and tells a new worker who looks', async () => {
    const { workers, session } = setUp();
    const view = session.capture.add('conv2d');
    await session.start({ resume: false, startPaused: false });
    const settings = workers[0].calls
      .filter(([type]) => type === 'setCapture')
      .map(([, s]) => s as { isLive: boolean; watchedLayers: string[] });
    assert.deepEqual([settings[0].isLive, settings[0].watchedLayers], [true, ['conv2d']]);
    view.dispose();
    assert.equal((workers[0].calls.at(-1)?.[1] as { isLive: boolean }).isLive, false);
    session.dispose();
  });

  it('replaces the rows that a continued run repeats', async () => {
    const { workers, session } = setUp();
    await session.start({ resume: false, startPaused: false });
    workers[0].say('didRecordMetrics', [row(1), row(2), row(3)]);
    workers[0].say('didRecordMetrics', [row(2)]);
    assert.deepEqual(
      session.metrics.steps.map((r) => r.step),
      [1, 2],
    );
    session.dispose();
  });

  it('fails with the worker’s words when it crashes, keeps the last frame, and can go on from the folder', async () => {
    const { workers, session, status } = setUp();
    await session.start({ resume: false, startPaused: false });
    workers[0].say('didChangeStatus', status('running', 9));
    workers[0].say('didCaptureFrame', frame(9));
    workers[0].crash.fire(new Error('out of memory'));
    assert.equal(session.status.phase, 'failed');
    assert.equal(session.status.message, 'out of memory');
    assert.ok(session.latestFrame);
    assert.equal(session.isLive, false);
    workers[0].say('didChangeStatus', status('running', 10));
    assert.equal(session.status.phase, 'failed');
    await session.resume();
    assert.deepEqual(
      workers[1].calls.filter(([type]) => type === 'start').map(([, p]) => (p as { resume: boolean }).resume),
      [true],
    );
    session.dispose();
  });

  it('is failed when the worker refuses to start', async () => {
    const { session } = setUp();
    const refused = new RunSession(description, async () => Object.assign(new FakeWorker(), { startError: new Error('one class only') }));
    await assert.rejects(refused.start({ resume: false, startPaused: false }), /one class only/);
    assert.equal(refused.status.phase, 'failed');
    refused.dispose();
    session.dispose();
  });

  it('forgets metrics on rewind and shows the first frame again', async () => {
    const { workers, session } = setUp();
    await session.start({ resume: false, startPaused: false });
    workers[0].say('didCaptureFrame', frame(0));
    workers[0].say('didCaptureFrame', frame(3));
    workers[0].say('didRecordMetrics', [row(1), row(2), row(3)]);
    let resets = 0;
    session.onDidReset(() => resets++);
    workers[0].say('didRewind', null);
    assert.equal(session.metrics.steps.length, 0);
    assert.equal(session.latestFrame, session.firstFrame);
    assert.equal(resets, 1);
    session.dispose();
  });

  it('passes a stop on that came before there was a thread to tell', async () => {
    const { workers, session } = setUp();
    const started = session.start({ resume: false, startPaused: false });
    await session.stop();
    await started;
    assert.deepEqual(
      workers[0].calls.map(([type]) => type),
      ['setCapture', 'start', 'stop'],
    );
    session.dispose();
  });

  it('starts one thread, however often it is asked to go on before there is one', async () => {
    const { workers, session, status } = setUp();
    await session.start({ resume: false, startPaused: false });
    workers[0].crash.fire(new Error('out of memory'));
    await Promise.all([session.resume(), session.resume()]);
    assert.equal(workers.length, 2);
    workers[1].say('didChangeStatus', status('running', 3));
    assert.equal(session.status.phase, 'running');
    session.dispose();
  });

  for (const phase of ['stopped', 'failed'] as const)
    it(`rewinds right after it has ${phase}, when its thread still lives but listens no more`, async () => {
      const { workers, session, status } = setUp();
      await session.start({ resume: false, startPaused: false });
      workers[0].say('didRecordMetrics', [row(1)]);
      workers[0].say('didChangeStatus', status(phase, 1));
      await session.rewind();
      assert.ok(!workers[0].calls.some(([type]) => type === 'rewind'));
      assert.deepEqual(
        workers[1].calls.filter(([type]) => type === 'start').map(([, p]) => (p as { startPaused: boolean }).startPaused),
        [true],
      );
      assert.deepEqual(session.metrics.steps, []);
      session.dispose();
    });

  it('lets the thread of a finished run rewind it', async () => {
    const { workers, session, status } = setUp();
    await session.start({ resume: false, startPaused: false });
    workers[0].say('didChangeStatus', status('finished', 30));
    await session.rewind();
    assert.equal(workers.length, 1);
    assert.equal(workers[0].calls.at(-1)?.[0], 'rewind');
    session.dispose();
  });
});
