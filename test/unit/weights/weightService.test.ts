import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Channel, type Transport } from '../../../src/base/channel';
import { encodeTensors } from '../../../src/common/safetensors';
import { histogram, statistics } from '../../../src/common/stats';
import type { WeightCalls, WeightEvents } from '../../../src/common/weightProtocol';
import { CHUNK } from '../../../src/weights/weightFileReader';
import { weightService } from '../../../src/weights/weightService';

type Nothing = Record<never, never>;

/** Both ends of a channel in one thread; messages are cloned and come later, as between threads. */
function connected() {
  const listeners: ((m: unknown) => void)[][] = [[], []];
  const end = (own: number): Transport => ({
    post: (m, transfer) => {
      const copy = structuredClone(m, { transfer });
      setImmediate(() => listeners[1 - own].forEach((l) => l(copy)));
    },
    onMessage: (l) => {
      listeners[own].push(l);
      return { dispose: () => void listeners[own].splice(listeners[own].indexOf(l), 1) };
    },
  });
  const service = weightService(() => undefined);
  new Channel<WeightCalls, Nothing, WeightEvents, Nothing>(end(0), service);
  return { host: new Channel<Nothing, WeightCalls, Nothing, WeightEvents>(end(1), {}), service };
}

describe('the service that reads weight files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-service-'));
  const file = path.join(folder, 'w.safetensors');
  const large = Float32Array.from({ length: 3 * CHUNK + 17 }, (_, i) => Math.sin(i) * (i % 7));
  const { host, service } = connected();

  before(() => {
    const tensors = [
      { name: 'large', shape: [large.length], values: large },
      { name: 'small', shape: [2, 2], values: Float32Array.of(1, 2, 3, NaN) },
    ];
    fs.writeFileSync(file, Buffer.from(encodeTensors(tensors)));
  });
  after(() => {
    service.closeAll();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('opens, reads whole tensors and ranges', async () => {
    const { file: id, info } = await host.call('open', { path: file });
    assert.deepEqual(
      info.tensors.map((t) => t.name),
      ['large', 'small'],
    );
    assert.deepEqual(new Float32Array(await host.call('read', { file: id, tensor: 'large' })), large);
    const part = new Float32Array(await host.call('read', { file: id, tensor: 'large', start: CHUNK - 2, end: CHUNK + 3 }));
    assert.deepEqual(part, large.slice(CHUNK - 2, CHUNK + 3));
    await assert.rejects(host.call('read', { file: id, tensor: 'large', start: 5, end: large.length + 1 }), /RangeError|values 5 to/);
    await assert.rejects(host.call('read', { file: id, tensor: 'none' }), /there is no tensor none/);
  });

  it('computes statistics and histograms piece by piece as if at once', async () => {
    const { file: id } = await host.call('open', { path: file });
    const found = await host.call('statistics', { file: id, tensor: 'large' });
    const whole = statistics(large);
    assert.deepEqual([found.count, found.min, found.max, found.zeros], [whole.count, whole.min, whole.max, whole.zeros]);
    for (const key of ['mean', 'std', 'norm'] as const) assert.ok(Math.abs(found[key] - whole[key]) <= 1e-9 * Math.abs(whole.norm), key);
    assert.deepEqual(await host.call('histogram', { file: id, tensor: 'large', bins: 9, low: -6, high: 6 }), histogram(large, 9, -6, 6));
    assert.equal((await host.call('statistics', { file: id, tensor: 'small' })).notFinite, 1);
  });

  it('ends a call that is cancelled, and no other', async () => {
    const { file: id } = await host.call('open', { path: file });
    const controller = new AbortController();
    const cancelled = host.call('sha256', { file: id, tensor: 'large' }, controller.signal);
    const other = host.call('statistics', { file: id, tensor: 'small' });
    controller.abort();
    await assert.rejects(cancelled, /cancelled/);
    assert.equal((await other).count, 3);
  });

  it('answers for a closed file with an error', async () => {
    const { file: id } = await host.call('open', { path: file });
    await host.call('close', { file: id });
    await assert.rejects(host.call('sha256', { file: id, tensor: 'small' }), /was closed/);
  });

  it('compares two open files', async () => {
    const [a, b] = [await host.call('open', { path: file }), await host.call('open', { path: file })];
    const diff = await host.call('compare', { a: a.file, b: b.file });
    assert.equal(diff.isEqual, true);
  });
});
