import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { WeightsThread } from '../../../src/weights/weightsThread';

/** Answers as the real thread does, but does what a bad file could make it do. */
const SCRIPT = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ kind, id, type, params }) => {
  if (kind !== 'request') return;
  if (params.path === 'crash') throw new Error('boom');
  if (params.path === 'exit') process.exit(3);
  if (params.path === 'memory') { const all = []; for (;;) all.push(new Array(1e5).fill({})); }
  if (params.path === 'loop') for (;;) {}
  if (params.path === 'never') return;
  if (params.path === 'wrong') return parentPort.postMessage({ kind: 'reply', id, err: { name: 'WeightError', message: 'this is none' } });
  parentPort.postMessage({ kind: 'reply', id, ok: null });
});`;

describe('the thread that reads weight files', function () {
  this.timeout(20_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-thread-'));
  const script = path.join(folder, 'worker.js');
  let thread: WeightsThread;
  before(() => fs.writeFileSync(script, SCRIPT));
  beforeEach(() => (thread = new WeightsThread(() => script, 16)));
  afterEach(() => thread.dispose());
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const close = (file: string, signal?: AbortSignal) => thread.call('close', { path: file }, signal);

  for (const [how, message] of [
    ['crash', /crashed: boom/],
    ['exit', /ended with code 3/],
    ['memory', /ran out of memory/],
  ] as const)
    it(`fails what was asked when it dies (${how}), and comes back`, async () => {
      const other = assert.rejects(close('never'), message);
      await assert.rejects(close(how), message);
      await other;
      assert.equal(await close('fine'), null);
    });

  it('passes on what is wrong with a file, and stays', async () => {
    await assert.rejects(close('wrong'), /this is none/);
    assert.equal(await close('fine'), null);
  });

  it('is ended when it does not come back from what was called off', async () => {
    const controller = new AbortController();
    const looping = close('loop', controller.signal);
    const waiting = assert.rejects(close('never'), /did not come to an end|ended/);
    controller.abort();
    await assert.rejects(looping, /cancelled/);
    await waiting;
    assert.equal(await close('fine'), null);
  });

  it('rejects everything once its view is closed', async () => {
    const pending = assert.rejects(close('never'), /closed/);
    thread.dispose();
    await pending;
    await assert.rejects(close('fine'), /closed/);
  });
});
