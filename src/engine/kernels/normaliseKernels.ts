import type { NormaliseOp } from '../ops/opNames';
import { type Context, type Info, sizeOf } from './context';
import { JOB } from './jobs';
import { chunksOf, floatWord, perItem, whole } from './launch';

/** Samples of the first dimension and their rows of `c` channels. */
function describe(x: Info): { n: number; rows: number; c: number; chunks: number; bytes: number } {
  const c = x.shape[x.shape.length - 1];
  const n = x.shape[0];
  const rows = sizeOf(x.shape) / n / c;
  return { n, rows, c, chunks: chunksOf(n), bytes: rows * c * 4 };
}

/** Batch normalisation in training: [y, mean, variance, scale]; moves the moving statistics in place. */
export function normalise(
  ctx: Context,
  { x, gamma, beta, movingMean, movingVariance }: Record<string, Info>,
  { epsilon, momentum, isRelu }: NormaliseOp,
): Info[] {
  const { n, rows, c, chunks, bytes } = describe(x);
  const outputs = [ctx.output(x.shape), ctx.output([c]), ctx.output([c]), ctx.output([c])];
  const [y, mean, variance, scale] = outputs.map((t) => ctx.at(t));
  const at = (t: Info | undefined): number => (t ? ctx.at(t) : 0);
  const m = ctx.machine;
  const vector = (address: number) => whole(address, c * 4);
  ctx.temporarily((reserve) => {
    const statistics = reserve(chunks * 2 * c * 4);
    const shift = reserve(c * 4);
    m.launch({
      job: JOB.moments,
      items: n,
      chunks,
      words: [ctx.at(x), rows, c, statistics, n, chunks],
      reads: [perItem(ctx.at(x), n, bytes)],
      writes: [whole(statistics, chunks * 2 * c * 4)],
      work: n * rows * c * 4,
    });
    m.launch({
      job: JOB.finishMoments,
      items: 1,
      chunks: 1,
      words: [statistics, chunks, n, rows, c, mean, variance, at(gamma), at(beta), floatWord(epsilon), scale, shift],
      reads: [whole(statistics, chunks * 2 * c * 4), ...[gamma, beta].filter(Boolean).map((t) => vector(ctx.at(t)))],
      writes: [mean, variance, scale, shift].map(vector),
      work: c * chunks * 10,
    });
    m.launch({
      job: JOB.affine,
      items: n,
      chunks,
      words: [ctx.at(x), rows, c, y, scale, shift, isRelu ? 1 : 0],
      reads: [perItem(ctx.at(x), n, bytes), vector(scale), vector(shift)],
      writes: [perItem(y, n, bytes)],
      inPlace: [ctx.at(x)],
      work: n * rows * c * 2,
    });
  });
  for (const [moving, now] of [
    [ctx.at(movingMean), mean],
    [ctx.at(movingVariance), variance],
  ])
    m.launch({
      job: JOB.movingAverage,
      items: 1,
      chunks: 1,
      words: [moving, now, c, floatWord(momentum), floatWord(1 - momentum)],
      reads: [vector(moving), vector(now)],
      writes: [vector(moving)],
      work: c,
    });
  return outputs;
}

/** [dx, dgamma, dbeta]. */
export function normaliseGrad(ctx: Context, inputs: Record<string, Info>, { epsilon, isRelu }: NormaliseOp): Info[] {
  const { x, dy, y } = inputs;
  const { n, rows, c, chunks, bytes } = describe(x);
  const outputs = [ctx.output(x.shape), ctx.output([c]), ctx.output([c])];
  const [dx, dGamma, dBeta] = outputs.map((t) => ctx.at(t));
  const [mean, variance, scale] = [inputs.mean, inputs.variance, inputs.scale].map((t) => ctx.at(t));
  const mask = isRelu ? ctx.at(y) : 0;
  const vector = (address: number) => whole(address, c * 4);
  const images = [x, dy, ...(isRelu ? [y] : [])].map((t) => perItem(ctx.at(t), n, bytes));
  const m = ctx.machine;
  ctx.temporarily((reserve) => {
    const sums = reserve(chunks * 2 * c * 4);
    const factors = reserve(3 * c * 4);
    m.launch({
      job: JOB.normaliseGradSums,
      items: n,
      chunks,
      words: [ctx.at(x), rows, c, ctx.at(dy), mean, mask, sums],
      reads: [...images, vector(mean)],
      writes: [whole(sums, chunks * 2 * c * 4)],
      work: n * rows * c * 4,
    });
    m.launch({
      job: JOB.finishNormaliseGrad,
      items: 1,
      chunks: 1,
      words: [sums, chunks, n * rows, c, mean, variance, scale, floatWord(epsilon), dGamma, dBeta, factors],
      reads: [whole(sums, chunks * 2 * c * 4), vector(mean), vector(variance), vector(scale)],
      writes: [vector(dGamma), vector(dBeta), whole(factors, 3 * c * 4)],
      work: c * chunks * 10,
    });
    m.launch({
      job: JOB.normaliseInputGrad,
      items: n,
      chunks,
      words: [ctx.at(x), rows, c, ctx.at(dy), mask, factors, dx],
      reads: [...images, whole(factors, 3 * c * 4)],
      writes: [perItem(dx, n, bytes)],
      inPlace: [ctx.at(dy), ctx.at(x)],
      work: n * rows * c * 4,
    });
  });
  return outputs;
}
