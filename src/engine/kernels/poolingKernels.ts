import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info } from './context';
import { JOB, type Job } from './jobs';
import { chunksOf, perItem, type Span } from './launch';

interface PoolingAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Registers max and average pooling and their gradients; TF.js's own max-pooling gradient is wrong for negative maxima. */
export function registerPooling(c: Context): void {
  const run = (job: Job, shape: number[], attrs: PoolingAttributes, tensors: { x?: Info; y?: Info; dy?: Info }): Info => {
    const i = tfc.backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const n = i.batchSize;
    const forward = !tensors.dy;
    const out = c.output(forward ? i.outShape : i.inShape);
    const inBytes = i.inHeight * i.inWidth * i.inChannels * 4;
    const outBytes = i.outHeight * i.outWidth * i.inChannels * 4;
    const at = (t: Info | undefined): number => (t ? c.at(t) : 0);
    const spans = (t: Info | undefined, bytes: number): Span[] => (t ? [perItem(c.at(t), n, bytes)] : []);
    const { x, y, dy } = tensors;
    const isTwoByTwo =
      [i.filterHeight, i.filterWidth, i.strideHeight, i.strideWidth].every((v) => v === 2) &&
      [i.padInfo.top, i.padInfo.left].every((v) => v === 0) &&
      2 * i.outHeight <= i.inHeight &&
      2 * i.outWidth <= i.inWidth &&
      i.inChannels % 4 === 0;
    c.machine.launch({
      job,
      items: n,
      chunks: chunksOf(n),
      words: [
        at(x),
        forward ? at(out) : at(y),
        at(dy),
        forward ? 0 : at(out),
        ...[i.inHeight, i.inWidth, i.inChannels, i.filterHeight, i.filterWidth, i.strideHeight, i.strideWidth],
        ...[i.dilationHeight, i.dilationWidth, i.padInfo.top, i.padInfo.left, i.outHeight, i.outWidth],
        0,
        isTwoByTwo ? 1 : 0,
      ],
      reads: [...spans(x, inBytes), ...spans(y, outBytes), ...spans(dy, outBytes)],
      writes: spans(out, forward ? outBytes : inBytes),
      inPlace: job === JOB.maxPoolGrad && isTwoByTwo ? [at(x)] : [],
      work: n * i.outHeight * i.outWidth * i.inChannels * i.filterHeight * i.filterWidth * 2,
    });
    if (isTwoByTwo && job === JOB.maxPoolGrad) c.pooledGradients.add(out, { map: x!, maxima: y!, dy: dy!, isRectified: false });
    return out;
  };
  c.register<PoolingAttributes>('MaxPool', ({ inputs: { x }, attrs }) =>
    areFloats(x) ? run(JOB.maxPool, x.shape, attrs, { x }) : undefined,
  );
  c.register<PoolingAttributes>('AvgPool', ({ inputs: { x }, attrs }) =>
    areFloats(x) ? run(JOB.avgPool, x.shape, attrs, { x }) : undefined,
  );
  c.register<PoolingAttributes>('MaxPoolGrad', ({ inputs: { dy, input, output }, attrs }) =>
    run(JOB.maxPoolGrad, input.shape, attrs, { x: input, y: output, dy }),
  );
  c.register<PoolingAttributes>('AvgPoolGrad', ({ inputs: { dy, input }, attrs }) => run(JOB.avgPoolGrad, input.shape, attrs, { dy }));
}
