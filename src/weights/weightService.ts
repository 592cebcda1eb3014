import { Transferred, type Handlers } from '../base/channel';
import { histogram } from '../common/stats';
import { tensorLength } from '../common/weightFile';
import type { TensorRef, WeightCalls, WeightEvents } from '../common/weightProtocol';
import { compareWeights } from './compareWeights';
import { openWeights } from './openWeights';
import { RunningStatistics } from './runningStatistics';
import { WeightError } from './weightError';
import type { WeightFileReader } from './weightFileReader';

/** Progress is told when something takes longer than this, and not more often. */
const PATIENCE_MS = 500;
const MAX_BINS = 100_000;

/**
 * Answers the calls of common/weightProtocol.ts.
 * @param tell Sends progress.
 */
export function weightService(tell: (progress: WeightEvents['didProgress']) => void): Handlers<WeightCalls> & { closeAll(): void } {
  const files = new Map<number, WeightFileReader>();
  let opened = 0;

  const reader = (file: number): WeightFileReader => {
    const found = files.get(file);
    if (!found) throw new WeightError('the file was closed', 'open it again');
    return found;
  };

  const reporter = (file: number, tensor: string | null): ((done: number) => void) => {
    let next = performance.now() + PATIENCE_MS;
    return (done) => {
      if (performance.now() < next) return;
      next = performance.now() + PATIENCE_MS;
      tell({ file, tensor, done });
    };
  };

  async function scan({ file, tensor }: TensorRef, signal: AbortSignal, each: (values: Float32Array) => void): Promise<void> {
    const source = reader(file);
    const length = tensorLength(source.tensor(tensor));
    const report = reporter(file, tensor);
    let done = 0;
    for await (const values of source.chunks(tensor, signal)) {
      each(values);
      done += values.length;
      report(done / length);
    }
  }

  return {
    async open({ path }, signal) {
      const file = await openWeights(path, signal);
      if (signal.aborted) {
        file.close();
        signal.throwIfAborted();
      }
      files.set(++opened, file);
      return { file: opened, info: file.info };
    },
    async read({ file, tensor, start, end }, signal) {
      const values = await reader(file).read(tensor, start, end, signal);
      const buffer = values.buffer as ArrayBuffer;
      return new Transferred(buffer, [buffer]) as unknown as ArrayBuffer;
    },
    async statistics(ref, signal) {
      const running = new RunningStatistics();
      await scan(ref, signal, (values) => running.add(values));
      return running.result;
    },
    async histogram({ bins, low, high, ...ref }, signal) {
      if (!(bins >= 1 && bins <= MAX_BINS && Number.isInteger(bins))) throw new RangeError(`a histogram of ${bins} bins`);
      const total = histogram(new Float32Array(0), bins, low, high);
      await scan(ref, signal, (values) => {
        const { counts } = histogram(values, bins, low, high);
        for (let i = 0; i < bins; i++) total.counts[i] += counts[i];
      });
      return total;
    },
    sha256: ({ file, tensor }, signal) => reader(file).sha256(tensor, signal),
    compare({ a, b }, signal) {
      const report = reporter(a, null);
      return compareWeights(reader(a), reader(b), signal, (done, total) => report(total ? done / total : 1));
    },
    close({ file }) {
      files.get(file)?.close();
      files.delete(file);
      return null;
    },
    closeAll() {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}
