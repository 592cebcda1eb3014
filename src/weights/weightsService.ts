import { Transferred, type Handlers } from '../base/channel';
import { tensorLength } from '../common/weightFile';
import type { Job, Progress, TensorRef, WeightsThreadCalls } from '../common/weightsProtocol';
import { compareWeights } from './compareWeights';
import { differenceOf } from './difference';
import { OpenFiles } from './openFiles';
import { readKernels } from './readKernels';
import { readPlane, type ReadRange } from './readPlane';
import { summarise } from './summarise';

type Tell = (progress: Progress) => void;

/** Progress is told from then on, and so often. */
const PATIENCE_MS = 500;
const INTERVAL_MS = 100;

/**
 * Answers the calls of common/weightsProtocol.ts.
 * @param tell sends progress
 */
export function weightsService(tell: Tell): Handlers<WeightsThreadCalls> {
  const files = new OpenFiles();
  return {
    open: ({ path }, signal) => files.open(path, signal),
    close: async ({ path }) => (await files.close(path), null),
    read: async ({ path, tensor, start, end }, signal) =>
      transferred((await (await files.reader(path, signal)).read(tensor, start, end, signal)).buffer as ArrayBuffer),
    kernels: async (request, signal) => {
      const found = await files.reader(request.path, signal);
      const whole = await files.whole(request, signal, progressOf(tell, request.job));
      const kernels = await readKernels(found.tensor(request.tensor), request, whole, (start, end) =>
        found.read(request.tensor, start, end, signal),
      );
      return new Transferred(kernels, [kernels.values]) as unknown as typeof kernels;
    },
    plane: async (request, signal) => {
      const { shape } = (await files.reader(request.path, signal)).tensor(request.tensor);
      if (request.minus) await checkSameShape(files, request.minus, shape);
      const read = await rangesOf(files, request, signal);
      const values = await readPlane(
        shape,
        request,
        request.minus ? lessThan(read, await rangesOf(files, request.minus, signal)) : read,
        signal,
      );
      return transferred(values.buffer as ArrayBuffer);
    },
    summarise: async (request, signal) => {
      const total = tensorLength((await files.reader(request.path, signal)).tensor(request.tensor));
      const report = progressOf(tell, request.job);
      let pass = 0;
      return summarise(() =>
        counted(
          chunksOf(files, request, signal),
          (done) => report(done + total * pass, total * 2),
          () => pass++,
        ),
      );
    },
    difference: async ({ a, b, job }, signal) => {
      const left = (await files.reader(a.path)).tensor(a.tensor);
      await checkSameShape(files, b, left.shape);
      const total = tensorLength(left);
      const report = progressOf(tell, job);
      return differenceOf(
        counted(chunksOf(files, a, signal), (done) => report(done, total)),
        chunksOf(files, b, signal),
      );
    },
    sha256: async ({ path, tensor }, signal) => (await files.reader(path, signal)).sha256(tensor, signal),
    compare: async ({ a, b, job }, signal) =>
      compareWeights(await files.reader(a, signal), await files.reader(b, signal), signal, progressOf(tell, job)),
  };
}

function transferred(buffer: ArrayBuffer): ArrayBuffer {
  return new Transferred(buffer, [buffer]) as unknown as ArrayBuffer;
}

async function checkSameShape(files: OpenFiles, { path, tensor }: TensorRef, shape: readonly number[]): Promise<void> {
  const other = (await files.reader(path)).tensor(tensor).shape;
  if (other.join() !== shape.join()) throw new RangeError(`shapes [${shape.join(', ')}] and [${other.join(', ')}] cannot be compared`);
}

async function rangesOf(files: OpenFiles, ref: TensorRef, signal: AbortSignal): Promise<ReadRange> {
  const whole = await files.whole(ref, signal);
  if (whole) return (start, end) => whole.subarray(start, end);
  const reader = await files.reader(ref.path, signal);
  return (start, end) => reader.read(ref.tensor, start, end, signal);
}

function lessThan(from: ReadRange, what: ReadRange): ReadRange {
  return async (start, end) => {
    const [a, b] = [await from(start, end), await what(start, end)];
    return a.map((v, i) => v - b[i]);
  };
}

async function* chunksOf(files: OpenFiles, { path, tensor }: TensorRef, signal: AbortSignal): AsyncGenerator<Float32Array> {
  yield* (await files.reader(path, signal)).chunks(tensor, signal);
}

async function* counted(
  chunks: AsyncIterable<Float32Array>,
  onDone: (done: number) => void,
  onEnd?: () => void,
): AsyncGenerator<Float32Array> {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    onDone(done);
  }
  onEnd?.();
}

/** Tells of a call's progress once it takes long. */
function progressOf(tell: Tell, job: Job['job']): (done: number, total: number) => void {
  let next = performance.now() + PATIENCE_MS;
  return (done, total) => {
    if (job === undefined || performance.now() < next) return;
    next = performance.now() + INTERVAL_MS;
    tell({ job, done, total });
  };
}
