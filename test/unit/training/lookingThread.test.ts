import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/emitter';
import type { StartParams, WorkerCalls } from '../../../src/common/trainingProtocol';
import { LookingThread } from '../../../src/training/lookingThread';
import type { TrainingWorker } from '../../../src/training/trainingWorker';

const params = { runFolder: '/tmp/run' } as StartParams;
const never = new AbortController().signal;
const place = { layer: 'a', weight: 'kernel', offset: 0 };

class FakeWorker implements TrainingWorker {
  readonly calls: string[] = [];
  readonly crash = new Emitter<Error>();
  readonly onDidCrash = this.crash.event;
  isDisposed = false;
  constructor(private readonly openError: Error | null) {}
  async call<K extends keyof WorkerCalls & string>(type: K): Promise<WorkerCalls[K]['result']> {
    this.calls.push(type);
    if (type === 'open' && this.openError) throw this.openError;
    return `${type} answered` as unknown as WorkerCalls[K]['result'];
  }
  on() {
    return { dispose: () => {} };
  }
  dispose(): void {
    this.isDisposed = true;
  }
}

function setUp(errors: (Error | null)[] = [], idleMs = 60_000) {
  const workers: FakeWorker[] = [];
  const create = async () => {
    const worker = new FakeWorker(errors[workers.length] ?? null);
    workers.push(worker);
    return worker;
  };
  return { workers, thread: new LookingThread(create, params, idleMs) };
}

describe('LookingThread', () => {
  it('opens the run once, when somebody looks, and answers', async () => {
    const { workers, thread } = setUp();
    assert.equal(workers.length, 0);
    assert.equal(await thread.ask('checkGradient', place, never), 'checkGradient answered');
    await Promise.all([thread.ask('gradientSum', place, never), thread.ask('gradientSum', place, never)]);
    assert.deepEqual(
      workers.map((w) => w.calls),
      [['open', 'checkGradient', 'gradientSum', 'gradientSum']],
    );
    thread.dispose();
    await Promise.resolve();
    assert.equal(workers[0].isDisposed, true);
  });

  it('passes on why a run cannot be opened, and tries again the next time', async () => {
    const { workers, thread } = setUp([new Error('the images are gone')]);
    await assert.rejects(thread.ask('gradientSum', place, never), /the images are gone/);
    assert.equal(workers[0].isDisposed, true);
    assert.equal(await thread.ask('gradientSum', place, never), 'gradientSum answered');
    assert.equal(workers.length, 2);
    thread.dispose();
  });

  it('lets the thread go when nobody has looked for a while, or when it dies', async () => {
    const { workers, thread } = setUp([], 10);
    await thread.ask('gradientSum', place, never);
    while (!workers[0].isDisposed) await new Promise((resolve) => setTimeout(resolve, 5));
    await thread.ask('gradientSum', place, never);
    workers[1].crash.fire(new Error('out of memory'));
    await thread.ask('gradientSum', place, never);
    assert.equal(workers.length, 3);
    thread.dispose();
  });
});
