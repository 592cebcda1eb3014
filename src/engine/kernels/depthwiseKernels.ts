import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { type ConvInfo, paddedImage } from './convolutionGeometry';
import { type ConvolutionAttributes, sumChunks } from './convolutionKernels';
import { JOB, type Job } from './jobs';
import { chunksOf, perItem, whole } from './launch';

/** Registers depthwise convolution and its gradients, which TF.js's WASM backend lacks. */
export function registerDepthwise(c: Context): void {
  const describe = (x: number[], filter: number[], a: ConvolutionAttributes): ConvInfo =>
    tfc.backend_util.computeConv2DInfo(
      x as [number, number, number, number],
      filter as [number, number, number, number],
      a.strides,
      a.dilations ?? 1,
      a.pad,
      a.dimRoundingMode,
      true,
    );
  const run = (
    job: Job,
    i: ConvInfo,
    addresses: { x: number; y: number; filter: number; last: number },
    extra: { bias?: Info; relu?: boolean; turned?: boolean } = {},
  ): void => {
    const n = i.batchSize;
    const multiplier = i.outChannels / i.inChannels;
    const chunks = chunksOf(n);
    const inBytes = i.inHeight * i.inWidth * i.inChannels * 4;
    const outBytes = i.outHeight * i.outWidth * i.outChannels * 4;
    const filterBytes = i.filterHeight * i.filterWidth * i.outChannels * 4;
    const x = perItem(addresses.x, n, inBytes);
    const y = perItem(addresses.y, n, outBytes);
    const filter = whole(addresses.filter, filterBytes);
    const bias = extra.bias ? c.at(extra.bias) : 0;
    const image = paddedImage(i.inHeight, i.inWidth, i.inChannels, i.padInfo);
    c.machine.launch({
      job,
      items: n,
      chunks,
      words: [
        ...[addresses.x, addresses.y, i.inHeight, i.inWidth, i.inChannels, multiplier, i.filterHeight, i.filterWidth],
        ...[i.strideHeight, i.strideWidth, i.dilationHeight, i.dilationWidth, i.padInfo.top, i.padInfo.left],
        ...[i.outHeight, i.outWidth, addresses.filter, addresses.last, bias, extra.relu ? 1 : 0],
        ...[image.height, image.width, extra.turned ? 1 : 0],
      ],
      reads:
        job === JOB.depthwise
          ? [x, filter, ...(bias ? [whole(bias, i.outChannels * 4)] : [])]
          : job === JOB.depthwiseInputGrad
            ? [y, filter]
            : [x, y],
      writes:
        job === JOB.depthwise
          ? [y]
          : job === JOB.depthwiseInputGrad
            ? [perItem(addresses.last, n, inBytes)]
            : [whole(addresses.last, chunks * filterBytes)],
      scratch: image.bytes,
      work: n * i.outHeight * i.outWidth * i.outChannels * i.filterHeight * i.filterWidth * 2,
    });
  };
  /** With stride 1, dx is a convolution of the padded dy; undefined where it isn't. */
  const turned = (i: ConvInfo): ConvInfo | undefined => {
    const { inHeight, inWidth, outHeight, outWidth, padInfo } = i;
    const pad = {
      ...padInfo,
      top: (i.filterHeight - 1) * i.dilationHeight - padInfo.top,
      left: (i.filterWidth - 1) * i.dilationWidth - padInfo.left,
      bottom: inHeight + padInfo.top - outHeight,
      right: inWidth + padInfo.left - outWidth,
    };
    const isPlain = i.strideHeight === 1 && i.strideWidth === 1 && i.inChannels === i.outChannels;
    if (!isPlain || [pad.top, pad.left, pad.bottom, pad.right].some((p) => p < 0)) return undefined;
    return { ...i, inHeight: outHeight, inWidth: outWidth, outHeight: inHeight, outWidth: inWidth, padInfo: pad };
  };

  const forward = (x: Info, filter: Info, attrs: ConvolutionAttributes, bias?: Info, relu = false): Info => {
    const i = describe(x.shape, filter.shape, attrs);
    const y = c.output(i.outShape);
    run(JOB.depthwise, i, { x: c.at(x), y: c.at(y), filter: c.at(filter), last: 0 }, { bias, relu });
    return y;
  };
  c.register<ConvolutionAttributes>(tfc.DepthwiseConv2dNative, ({ inputs: { x, filter }, attrs }) =>
    areFloats(x, filter) ? forward(x, filter, attrs) : undefined,
  );
  c.register<ConvolutionAttributes>(tfc.FusedDepthwiseConv2D, ({ inputs, attrs }) => {
    const { x, filter, bias } = inputs;
    const activation = attrs.activation ?? 'linear';
    const fits = !bias || sizeOf(bias.shape) === filter.shape[2] * filter.shape[3];
    if (inputs.preluActivationWeights || !fits || (activation !== 'linear' && activation !== 'relu')) return undefined;
    return areFloats(x, filter, bias) ? forward(x, filter, attrs, bias, activation === 'relu') : undefined;
  });
  c.register<ConvolutionAttributes>(tfc.DepthwiseConv2dNativeBackpropInput, ({ inputs: { dy, filter }, attrs }) => {
    const i = describe(attrs.inputShape as number[], filter.shape, attrs);
    const dx = c.output(i.inShape);
    const plain = turned(i);
    if (plain) run(JOB.depthwise, plain, { x: c.at(dy), y: c.at(dx), filter: c.at(filter), last: 0 }, { turned: true });
    else run(JOB.depthwiseInputGrad, i, { x: 0, y: c.at(dy), filter: c.at(filter), last: c.at(dx) });
    return dx;
  });
  c.register<ConvolutionAttributes>(tfc.DepthwiseConv2dNativeBackpropFilter, ({ inputs: { x, dy }, attrs }) => {
    const i = describe(x.shape, attrs.filterShape as number[], attrs);
    const dw = c.output(attrs.filterShape as number[]);
    const n = sizeOf(dw.shape);
    const chunks = chunksOf(i.batchSize);
    c.temporarily((reserve) => {
      const sums = reserve(chunks * n * 4);
      run(JOB.depthwiseFilterGrad, i, { x: c.at(x), y: c.at(dy), filter: 0, last: sums });
      sumChunks(c, sums, chunks, n, c.at(dw));
    });
    return dw;
  });
}
