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
      const found = await files.reader(request.path, signal);
      const whole = await files.whole(request, signal);
      const read: ReadRange = whole
        ? (start, end) => whole.subarray(start, end)
        : (start, end) => found.read(request.tensor, start, end, signal);
      const values = await readPlane(found.tensor(request.tensor).shape, request, read, signal);
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
      const [left, right] = [await shapeOf(files, a), await shapeOf(files, b)];
      if (left.join() !== right.join()) throw new RangeError(`shapes [${left.join(', ')}] and [${right.join(', ')}] cannot be compared`);
      const total = left.reduce((n, k) => n * k, 1);
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

async function shapeOf(files: OpenFiles, { path, tensor }: TensorRef): Promise<number[]> {
  return (await files.reader(path)).tensor(tensor).shape;
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
