import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { type ConvInfo, type Padding, paddedImage, pixelTable, windowTable } from './convolutionGeometry';
import { JOB } from './jobs';
import { chunksOf, perItem, whole } from './launch';
import { pooledFilterGrad, pooledInputGrad } from './pooledGradient';
import { NOT_POOLED } from './pooledOutput';
import { groupsOf, PLANES, planWinograd, winogradApplies, winogradFilterBytes } from './winograd';

/** Attributes that TF.js gives its convolution kernels. */
export interface ConvolutionAttributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tfc.backend_util.ExplicitPadding;
  dataFormat?: string;
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  activation?: string;
  inputShape?: [number, number, number, number];
  filterShape?: [number, number, number, number];
}

const panelsOf = (n: number): number => Math.ceil(n / 8);

/** Shapes of a convolution; undefined when it isn't NHWC. */
function describe(x: number[], filter: number[], a: ConvolutionAttributes): ConvInfo | undefined {
  if (a.dataFormat !== undefined && a.dataFormat !== 'NHWC' && a.dataFormat !== 'channelsLast') return undefined;
  return tfc.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    false,
    'channelsLast',
  );
}

/** y = x ∗ filter + bias, with relu. */
export function convolve(c: Context, x: Info, filter: Info, i: ConvInfo, bias: Info | undefined, relu: boolean): Info {
  const y = c.output(i.outShape);
  if (winogradApplies(i, i.outHeight, i.outWidth)) {
    const { inHeight: h, inWidth: w, inChannels: cin, outHeight, outWidth, outChannels: cout, padInfo } = i;
    const image = { at: c.at(x), h, w, cin, top: padInfo.top, left: padInfo.left };
    runWinograd(c, i, image, c.at(filter), false, { at: c.at(y), h: outHeight, w: outWidth, cout }, bias, relu);
  } else runDirect(c, x, filter, i, bias, relu, y);
  return y;
}

interface Image {
  at: number;
  h: number;
  w: number;
  cin: number;
  top: number;
  left: number;
}

/** A convolution by Winograd's algorithm; with the filter turned when it computes the gradient with respect to the input. */
function runWinograd(
  c: Context,
  i: ConvInfo,
  x: Image,
  filter: number,
  turned: boolean,
  y: { at: number; h: number; w: number; cout: number },
  bias: Info | undefined,
  relu: boolean,
): void {
  const m = c.machine;
  const { batchSize: n, filterHeight: kh, filterWidth: kw } = i;
  const plan = planWinograd(i, x.h, x.w, x.cin, y.h, y.w, y.cout, x.top, x.left);
  const filterBytes = kh * kw * x.cin * y.cout * 4;
  const packedBytes = winogradFilterBytes(i, x.cin, y.cout);
  c.temporarily((reserve) => {
    const packed = reserve(packedBytes);
    const panels = panelsOf(y.cout);
    m.launch({
      job: JOB.winogradFilter,
      items: panels,
      chunks: panels,
      words: [filter, turned ? y.cout : x.cin, turned ? x.cin : y.cout, turned ? 1 : 0, packed, kh, kw],
      reads: [whole(filter, filterBytes)],
      writes: [whole(packed, packedBytes)],
      scratch: 6 * 3 * 16,
      work: groupsOf(i) * x.cin * y.cout * 150,
    });
    const inBytes = x.h * x.w * x.cin * 4;
    const outBytes = y.h * y.w * y.cout * 4;
    const b = bias ? c.at(bias) : 0;
    m.launch({
      job: JOB.winograd,
      items: n,
      chunks: chunksOf(n),
      words: [x.at, ...plan.words, packed, b, y.at, y.h, y.w, y.cout, relu ? 1 : 0, ...NOT_POOLED],
      reads: [perItem(x.at, n, inBytes), whole(packed, packedBytes), ...(bias ? [whole(b, y.cout * 4)] : [])],
      writes: [perItem(y.at, n, outBytes)],
      scratch: plan.scratch,
    });
  });
}

/** The filter as panels of 8 columns. */
export function packMatrix(c: Context, source: number, k: number, n: number, transposed: boolean, packed: number): void {
  const panels = panelsOf(n);
  const per = Math.ceil(panels / 16);
  const items = Math.ceil(panels / per);
  c.machine.launch({
    job: JOB.pack,
    items,
    chunks: items,
    words: [source, k, n, packed, transposed ? 1 : 0, per, items, 0, 0],
    reads: [whole(source, k * n * 4)],
    writes: [whole(packed, panels * 8 * k * 4)],
    work: k * n * 4,
  });
}

function runDirect(c: Context, x: Info, filter: Info, i: ConvInfo, bias: Info | undefined, relu: boolean, y: Info): void {
  const { batchSize: n, inHeight: h, inWidth: w, inChannels: cin, outChannels: cout, filterHeight: kh, filterWidth: kw } = i;
  const k = kh * kw * cin;
  const pixels = i.outHeight * i.outWidth;
  const image = paddedImage(h, w, cin, i.padInfo);
  const m = c.machine;
  c.temporarily((reserve) => {
    const packedBytes = k * panelsOf(cout) * 32;
    const packed = reserve(packedBytes);
    packMatrix(c, c.at(filter), k, cout, false, packed);
    const b = bias ? c.at(bias) : 0;
    m.launch({
      job: JOB.convolution,
      items: n,
      chunks: chunksOf(n),
      words: [
        c.at(x),
        ...image.words,
        pixelTable(m, image.width, cin, i.outHeight, i.outWidth, i.strideHeight, i.strideWidth),
        pixels,
        windowTable(m, image.width, cin, kh, kw, i.dilationHeight, i.dilationWidth),
        k,
        packed,
        b,
        c.at(y),
        cout,
        relu ? 1 : 0,
        i.outWidth,
        ...NOT_POOLED,
      ],
      reads: [perItem(c.at(x), n, h * w * cin * 4), whole(packed, packedBytes), ...(bias ? [whole(b, cout * 4)] : [])],
      writes: [perItem(c.at(y), n, pixels * cout * 4)],
      scratch: image.bytes,
      work: 2 * n * pixels * k * cout,
    });
  });
}

/** dx of a convolution. */
export function convolutionInputGrad(c: Context, dy: Info, filter: Info, i: ConvInfo): Info {
  const dx = c.output(i.inShape);
  const { inHeight: h, inWidth: w, inChannels: cin, outHeight, outWidth, outChannels: cout } = i;
  const { filterHeight: kh, filterWidth: kw, padInfo } = i;
  // With stride 1, dx is a convolution of the padded dy.
  const pad = {
    top: (kh - 1) * i.dilationHeight - padInfo.top,
    left: (kw - 1) * i.dilationWidth - padInfo.left,
    bottom: h + padInfo.top - outHeight,
    right: w + padInfo.left - outWidth,
  };
  const turns = i.strideHeight === 1 && i.strideWidth === 1 && Object.values(pad).every((p) => p >= 0);
  if (turns && winogradApplies(i, h, w)) {
    const image = { at: c.at(dy), h: outHeight, w: outWidth, cin: cout, top: pad.top, left: pad.left };
    runWinograd(c, i, image, c.at(filter), true, { at: c.at(dx), h, w, cout: cin }, undefined, false);
  } else if (turns) turnedConvolution(c, dy, filter, i, pad, dx);
  else scatteredInputGrad(c, dy, filter, i, dx);
  return dx;
}

/** dx with stride 1: a convolution of the padded dy with the filter turned by 180°. */
function turnedConvolution(c: Context, dy: Info, filter: Info, i: ConvInfo, pad: Padding, dx: Info): void {
  const { batchSize: n, inHeight: h, inWidth: w, inChannels: cin, outHeight, outWidth, outChannels: cout } = i;
  const { filterHeight: kh, filterWidth: kw } = i;
  const k = kh * kw * cout;
  const panels = panelsOf(cin);
  const image = paddedImage(outHeight, outWidth, cout, pad);
  const m = c.machine;
  c.temporarily((reserve) => {
    const packed = reserve(k * panels * 32);
    m.launch({
      job: JOB.packTurned,
      items: panels,
      chunks: panels,
      words: [c.at(filter), kh * kw, cin, cout, packed, 1],
      reads: [whole(c.at(filter), sizeOf(filter.shape) * 4)],
      writes: [whole(packed, k * panels * 32)],
      work: k * cin * 4,
    });
    m.launch({
      job: JOB.convolution,
      items: n,
      chunks: chunksOf(n),
      words: [
        c.at(dy),
        ...image.words,
        pixelTable(m, image.width, cout, h, w, 1, 1),
        h * w,
        windowTable(m, image.width, cout, kh, kw, i.dilationHeight, i.dilationWidth),
        k,
        packed,
        0,
        c.at(dx),
        cin,
        0,
        w,
        ...NOT_POOLED,
      ],
      reads: [perItem(c.at(dy), n, outHeight * outWidth * cout * 4), whole(packed, k * panels * 32)],
      writes: [perItem(c.at(dx), n, h * w * cin * 4)],
      scratch: image.bytes,
      work: 2 * n * h * w * k * cin,
    });
  });
}

/** dx for any stride, dilation and padding. */
function scatteredInputGrad(c: Context, dy: Info, filter: Info, i: ConvInfo, dx: Info): void {
  const { batchSize: n, inHeight: h, inWidth: w, inChannels: cin, outChannels: cout, filterHeight: kh, filterWidth: kw } = i;
  const k = kh * kw * cin;
  const pixels = i.outHeight * i.outWidth;
  const m = c.machine;
  c.temporarily((reserve) => {
    const packedBytes = cout * panelsOf(k) * 32;
    const packed = reserve(packedBytes);
    packMatrix(c, c.at(filter), cout, k, true, packed);
    m.launch({
      job: JOB.convolutionInputGrad,
      items: n,
      chunks: chunksOf(n),
      words: [
        c.at(dy),
        pixels,
        cout,
        packed,
        k,
        c.at(dx),
        h,
        w,
        cin,
        kh,
        kw,
        i.strideHeight,
        i.strideWidth,
        i.dilationHeight,
        i.dilationWidth,
        i.padInfo.top,
        i.padInfo.left,
        i.outWidth,
      ],
      reads: [perItem(c.at(dy), n, pixels * cout * 4), whole(packed, packedBytes)],
      writes: [perItem(c.at(dx), n, h * w * cin * 4)],
      scratch: 64 * k * 4,
      work: 2 * n * pixels * k * cout,
    });
  });
}

/** dw of a convolution: partial sums per chunk of images, added in a fixed order. */
export function convolutionFilterGrad(c: Context, x: Info, dy: Info, i: ConvInfo): Info {
  const { batchSize: n, inHeight: h, inWidth: w, inChannels: cin, outHeight, outWidth, outChannels: cout } = i;
  const { filterHeight: kh, filterWidth: kw, padInfo } = i;
  const dw = c.output([kh, kw, cin, cout]);
  const m = c.machine;
  const k = kh * kw * cin;
  const pixels = outHeight * outWidth;
  const chunks = chunksOf(n);
  const reads = [perItem(c.at(x), n, h * w * cin * 4), perItem(c.at(dy), n, pixels * cout * 4)];
  c.temporarily((reserve) => {
    if (winogradApplies(i, outHeight, outWidth)) {
      const plan = planWinograd(i, h, w, cin, outHeight, outWidth, cout, padInfo.top, padInfo.left);
      const depth = groupsOf(i) * cin;
      const sumBytes = chunks * PLANES * depth * cout * 4;
      const sums = reserve(sumBytes);
      m.launch({
        job: JOB.winogradFilterGrad,
        items: n,
        chunks,
        words: [c.at(x), ...plan.words, c.at(dy), outHeight, outWidth, cout, sums],
        reads,
        writes: [whole(sums, sumBytes)],
        scratch: plan.scratch,
      });
      const rows = Math.ceil(depth / 8);
      const items = Math.ceil(depth / rows);
      m.launch({
        job: JOB.winogradFilterSum,
        items,
        chunks: items,
        words: [sums, chunks, cin, cout, c.at(dw), rows, kh, kw],
        reads: [whole(sums, sumBytes)],
        writes: [whole(c.at(dw), k * cout * 4)],
        scratch: 2 * PLANES * 16,
        work: sumBytes / 4,
      });
      return;
    }
    const image = paddedImage(h, w, cin, padInfo);
    const sumBytes = chunks * k * cout * 4;
    const sums = chunks === 1 ? c.at(dw) : reserve(sumBytes);
    m.launch({
      job: JOB.convolutionFilterGrad,
      items: n,
      chunks,
      words: [
        c.at(x),
        ...image.words,
        pixelTable(m, image.width, cin, outHeight, outWidth, i.strideHeight, i.strideWidth),
        pixels,
        windowTable(m, image.width, cin, kh, kw, i.dilationHeight, i.dilationWidth),
        k,
        c.at(dy),
        cout,
        sums,
      ],
      reads,
      writes: [whole(sums, sumBytes)],
      scratch: image.bytes + 128 * panelsOf(cout) * 32,
      work: 2 * n * pixels * k * cout,
    });
    if (chunks > 1) sumChunks(c, sums, chunks, k * cout, c.at(dw));
  });
  return dw;
}

/** Adds up the chunks' partial sums, each of `n` floats, `step` bytes apart. */
export function sumChunks(c: Context, sums: number, chunks: number, n: number, out: number, step = n * 4): void {
  const per = Math.max(4096, Math.ceil(n / 64) * 4);
  const items = Math.ceil(n / per);
  c.machine.launch({
    job: JOB.sumChunks,
    items,
    chunks: items,
    words: [sums, chunks, n, out, per, step],
    reads: [whole(sums, (chunks - 1) * step + n * 4)],
    writes: [whole(out, n * 4)],
    work: chunks * n,
  });
}

/** Registers the convolutions that TF.js calls. */
export function registerConvolutions(c: Context): void {
  c.register<ConvolutionAttributes>('Conv2D', ({ inputs: { x, filter }, attrs }) => {
    const i = areFloats(x, filter) ? describe(x.shape, filter.shape, attrs) : undefined;
    return i && convolve(c, x, filter, i, undefined, false);
  });
  const fused = ({ inputs, attrs }: { inputs: Record<string, Info>; attrs: ConvolutionAttributes }): Info | undefined => {
    const { x, filter, bias } = inputs;
    const activation = attrs.activation ?? 'linear';
    if (inputs.preluActivationWeights || (activation !== 'linear' && activation !== 'relu') || !areFloats(x, filter, bias))
      return undefined;
    if (bias && sizeOf(bias.shape) !== filter.shape[3]) return undefined;
    const i = describe(x.shape, filter.shape, attrs);
    return i && convolve(c, x, filter, i, bias, activation === 'relu');
  };
  c.register('FusedConv2D', fused);
  c.register<ConvolutionAttributes>('Conv2DBackpropInput', ({ inputs: { dy, filter }, attrs }) => {
    const i = areFloats(dy, filter) ? describe(attrs.inputShape as number[], filter.shape, attrs) : undefined;
    const pooled = c.pooledGradients.of(dy);
    return i && ((pooled && pooledInputGrad(c, pooled, filter, i)) ?? convolutionInputGrad(c, dy, filter, i));
  });
  c.register<ConvolutionAttributes>('Conv2DBackpropFilter', ({ inputs: { x, dy }, attrs }) => {
    const i = areFloats(x, dy) ? describe(x.shape, attrs.filterShape as number[], attrs) : undefined;
    const pooled = c.pooledGradients.of(dy);
    return i && ((pooled && pooledFilterGrad(c, pooled, x, i)) ?? convolutionFilterGrad(c, x, dy, i));
  });
}
