import * as tfc from '@tensorflow/tfjs-core';
import { OP, type ConvolutionOp, type CrossEntropyOp, type DropMaskOp, type HostOp, type NormaliseOp } from '../ops/opNames';
import { type Context, type Info, sizeOf } from './context';
import { convolve } from './convolutionKernels';
import { binary, GRADIENT, type GradientName } from './elementwiseKernels';
import { JOB } from './jobs';
import { blocks, chunksOf, floatWord, perItem, whole } from './launch';
import { multiply } from './matmulKernels';
import { normalise, normaliseGrad } from './normaliseKernels';
import { rowSums } from './reductionKernels';

/** Registers our own operations on WebAssembly: whole layers in one kernel. */
export function registerLayers(c: Context): void {
  c.register<ConvolutionOp>(OP.convolution, ({ inputs: { x, filter, bias }, attrs }) => {
    const { strides, pad, dilations, isRelu } = attrs;
    const shapes = [x.shape, filter.shape] as [[number, number, number, number], [number, number, number, number]];
    return convolve(c, x, filter, tfc.backend_util.computeConv2DInfo(...shapes, strides, dilations, pad), bias, isRelu);
  });
  c.register<{ isRelu: boolean }>(OP.dense, ({ inputs: { x, kernel, bias }, attrs }) => {
    const [m, k] = x.shape;
    const n = kernel.shape[1];
    const out = c.output([m, n]);
    const shape = { m, n, k, count: 1, stepA: 0, stepB: 0 };
    const how = { transposeA: false, transposeB: false, activation: attrs.isRelu ? 'relu' : 'linear' };
    multiply(c, c.at(x), c.at(kernel), c.at(out), shape, how, bias ? c.at(bias) : 0);
    return out;
  });
  c.register<{ name: GradientName; alpha?: number }>(OP.activationGrad, ({ inputs: { dy, y }, attrs }) => {
    const dz = binary(c, GRADIENT[attrs.name], dy, y, attrs.alpha);
    if (dz && attrs.name === 'relu') c.pooledGradients.rectify(dy, y, dz);
    return dz;
  });
  c.register<HostOp>(OP.host, ({ inputs, attrs: { shape, run } }) => {
    const x = inputs.x as Info | undefined;
    const out = c.output(shape);
    const place = (t: Info) => ({ at: c.at(t), size: sizeOf(t.shape) });
    c.runOnHost({ from: x ? place(x) : null, to: place(out), run });
    return out;
  });
  c.register(OP.mark, ({ inputs: { x } }) => c.alias(x));
  c.register<NormaliseOp>(OP.normalise, ({ inputs, attrs }) => normalise(c, inputs, attrs));
  c.register<NormaliseOp>(OP.normaliseGrad, ({ inputs, attrs }) => normaliseGrad(c, inputs, attrs));
  c.register<DropMaskOp>(OP.dropMask, ({ attrs }) => dropMask(c, attrs));
  c.register<CrossEntropyOp>(OP.crossEntropy, ({ inputs, attrs }) => crossEntropy(c, inputs, attrs));
}

/** Elements of a mask that are drawn as one item, where the first dimension is no batch. */
const MASK_BLOCK = 4096;

function dropMask(c: Context, { shape, rate, scale, layer, low, high }: DropMaskOp): Info {
  const mask = c.output(shape);
  const n = sizeOf(shape);
  const rows = shape[0] ?? 1;
  const isBatch = shape.length > 1 && (n / rows) % 4 === 0;
  const per = isBatch ? n / rows : MASK_BLOCK;
  const items = Math.ceil(n / per);
  const key = c.noise(layer, low, high);
  const threshold = Math.min(0xffffffff, Math.round(rate * 0x100000000));
  c.machine.launch({
    job: JOB.dropoutMask,
    items,
    chunks: chunksOf(items),
    words: [c.at(mask), n, per, key, threshold, floatWord(scale)],
    reads: [whole(key, 8)],
    writes: [blocks(c.at(mask), n, per)],
    work: n * 8,
  });
  return mask;
}

function crossEntropy(c: Context, { target, logits }: Record<string, Info>, { kind }: CrossEntropyOp): Info[] {
  const [rows, units] = logits.shape;
  const gradient = c.output(logits.shape);
  const loss = c.output([]);
  c.temporarily((reserve) => {
    const losses = reserve(rows * 4);
    c.machine.launch({
      job: kind === 'softmax' ? JOB.categoricalCrossentropy : JOB.binaryCrossentropy,
      items: rows,
      chunks: chunksOf(rows),
      words: [c.at(target), c.at(logits), losses, c.at(gradient), rows, units, 1, floatWord(1 / rows)],
      reads: [perItem(c.at(target), rows, units * 4), perItem(c.at(logits), rows, units * 4)],
      writes: [perItem(losses, rows, 4), perItem(c.at(gradient), rows, units * 4)],
      work: rows * units * 30,
    });
    rowSums(c, losses, 1, rows, c.at(loss), 1 / rows);
  });
  return [loss, gradient];
}
