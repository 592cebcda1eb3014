import * as tfc from '@tensorflow/tfjs-core';
import { convolution } from './convolution';

/** How a window moves over the axes of an image, one entry per axis. */
export interface Windows {
  strides: number[];
  dilations: number[];
  /** `causal` pads before the first of a sequence only. */
  padding: 'valid' | 'same' | 'causal';
}

/** Elements that a dilated window spans. */
const reach = (size: number, dilation: number): number => (size - 1) * dilation + 1;

/** Zeros before and after an axis, as TensorFlow pads. */
export function padsOf(length: number, kernel: number, stride: number, dilation: number, padding: Windows['padding']): [number, number] {
  const span = reach(kernel, dilation);
  if (padding === 'valid') return [0, 0];
  if (padding === 'causal') return [span - 1, 0];
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span - length);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** Zeros before and after one axis. */
function padAxis(x: tfc.Tensor, axis: number, pads: [number, number]): tfc.Tensor {
  if (pads[0] === 0 && pads[1] === 0) return x;
  return tfc.pad(
    x,
    x.shape.map((_, i) => (i === axis ? pads : [0, 0])),
  );
}

/** `count` entries of axis 1 of [n, length, values], from `from` on, every `stride`-th. */
function everyNth(x: tfc.Tensor3D, from: number, count: number, stride: number): tfc.Tensor3D {
  const [n, length, values] = x.shape;
  if (stride === 1) return tfc.slice(x, [0, from, 0], [n, count, values]);
  const wanted = from + count * stride;
  const padded = padAxis(x, 1, [0, Math.max(0, wanted - length)]) as tfc.Tensor3D;
  const rows = tfc.reshape(tfc.slice(padded, [0, from, 0], [n, count * stride, values]), [n, count, stride, values]);
  return tfc.reshape(tfc.slice(rows, [0, 0, 0, 0], [n, count, 1, values]), [n, count, values]);
}

/**
 * Entries of the first image axis under place `k` of a window, joined with the batch: [n, d, …] to [n · count, …].
 * @param x padded already
 */
export function underWindow(x: tfc.Tensor, k: number, count: number, stride: number, dilation: number): tfc.Tensor {
  const [n, depth, ...rest] = x.shape;
  const values = tfc.util.sizeFromShape(rest);
  const part = everyNth(tfc.reshape(x, [n, depth, values]), k * dilation, count, stride);
  return tfc.reshape(part, [n * count, ...rest]);
}

/**
 * Convolution over one, two or three axes, in groups: x [n, …axes, c], filter [...kernel, c / groups, filters]. Over three axes it is a
 * sum of convolutions of slices, which our kernels do.
 */
export function convolveWindows(x: tfc.Tensor, filter: tfc.Tensor, bias: tfc.Tensor | undefined, how: Windows, isRelu = false): tfc.Tensor {
  const rank = x.rank - 2;
  const { strides, dilations, padding } = how;
  if (rank === 1) {
    const [n, length, channels] = x.shape;
    const [kernel, inputs, filters] = filter.shape;
    const [before] = padsOf(length, kernel, strides[0], dilations[0], padding);
    const padded = padding === 'causal' ? padAxis(x, 1, [before, 0]) : x;
    const y = convolveWindows(
      tfc.reshape(padded, [n, 1, padded.shape[1]!, channels]),
      tfc.reshape(filter, [1, kernel, inputs, filters]),
      bias,
      { strides: [1, strides[0]], dilations: [1, dilations[0]], padding: padding === 'causal' ? 'valid' : padding },
      isRelu,
    );
    return tfc.reshape(y, [n, y.shape[2]!, filters]);
  }
  if (rank === 3) {
    const [kernel, ...plane] = filter.shape;
    const pads = padsOf(x.shape[1]!, kernel, strides[0], dilations[0], padding);
    const padded = padAxis(x, 1, pads);
    const count = Math.floor((padded.shape[1]! - reach(kernel, dilations[0])) / strides[0]) + 1;
    const inPlane = { strides: strides.slice(1), dilations: dilations.slice(1), padding };
    const parts = Array.from({ length: kernel }, (_, k) => {
      const f = tfc.reshape(tfc.slice(filter, [k, 0, 0, 0, 0], [1, ...plane]), plane);
      // The bias comes once, the relu after all parts.
      const b = k === 0 ? bias : undefined;
      return convolveWindows(underWindow(padded, k, count, strides[0], dilations[0]), f, b, inPlane);
    });
    const sum = parts.length === 1 ? parts[0] : tfc.addN(parts);
    const y = tfc.reshape(sum, [x.shape[0], count, ...sum.shape.slice(1)]);
    return isRelu ? tfc.relu(y) : y;
  }
  const channels = x.shape[3]!;
  const [, , inputs, filters] = filter.shape as [number, number, number, number];
  const groups = channels / inputs;
  const op = {
    strides: strides as [number, number],
    dilations: dilations as [number, number],
    pad: padding === 'same' ? ('same' as const) : ('valid' as const),
    isRelu,
  };
  if (groups === 1) return convolution(x as tfc.Tensor4D, filter as tfc.Tensor4D, bias, op);
  if (inputs === 1) {
    const [kh, kw] = filter.shape;
    const y = depthwise(x as tfc.Tensor4D, tfc.reshape(filter, [kh, kw!, channels, filters / channels]), how);
    const z = bias ? tfc.add(y, bias) : y;
    return isRelu ? tfc.relu(z) : z;
  }
  const parts = tfc.split(x, groups, 3).map((part, g) => {
    const f = tfc.slice(filter, [0, 0, 0, (g * filters) / groups], [filter.shape[0], filter.shape[1]!, inputs, filters / groups]);
    const b = bias && tfc.slice(bias, [(g * filters) / groups], [filters / groups]);
    return convolution(part as tfc.Tensor4D, f as tfc.Tensor4D, b, op);
  });
  return tfc.concat(parts, 3);
}

/** Depthwise convolution of [n, h, w, c] with filters [kh, kw, c, multiplier]; TF.js's own has no gradient when dilated. */
export function depthwise(x: tfc.Tensor4D, filter: tfc.Tensor4D, { strides, dilations, padding }: Windows): tfc.Tensor4D {
  const pad = padding === 'same' ? 'same' : 'valid';
  if (dilations.every((d) => d === 1)) return tfc.depthwiseConv2d(x, filter, strides as [number, number], pad);
  const [kh, kw, channels, multiplier] = filter.shape;
  if (tfc.getBackend() === 'cpu') {
    const op = { strides: strides as [number, number], dilations: dilations as [number, number], pad, isRelu: false } as const;
    const parts = tfc.split(x, channels, 3).map((part: tfc.Tensor, c: number) => {
      const f = tfc.reshape(tfc.slice(filter, [0, 0, c, 0], [kh, kw, 1, multiplier]), [kh, kw, 1, multiplier]);
      return convolution(part as tfc.Tensor4D, f as tfc.Tensor4D, undefined, op);
    });
    return tfc.concat(parts, 3);
  }
  const attributes = { strides, pad, dataFormat: 'NHWC', dilations } as unknown as tfc.NamedAttrMap;
  const run = (name: string, inputs: tfc.NamedTensorMap, more: object): tfc.Tensor =>
    tfc.engine().runKernel(name, inputs, { ...attributes, ...more });
  const operation = tfc.customGrad((...args: (tfc.Tensor | tfc.GradSaveFunc)[]) => {
    const [image, kernel, save] = args as [tfc.Tensor4D, tfc.Tensor4D, tfc.GradSaveFunc];
    save([image, kernel]);
    return {
      value: run(tfc.DepthwiseConv2dNative, { x: image, filter: kernel }, {}),
      gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) => [
        run(tfc.DepthwiseConv2dNativeBackpropInput, { dy, filter: saved[1] }, { inputShape: image.shape }),
        run(tfc.DepthwiseConv2dNativeBackpropFilter, { x: saved[0], dy }, { filterShape: kernel.shape }),
      ],
    };
  });
  return operation(x, filter) as tfc.Tensor4D;
}

/** Runs `f` with channels last, whatever the order outside. */
export function inChannelsLast(x: tfc.Tensor, isFirst: boolean, f: (x: tfc.Tensor) => tfc.Tensor): tfc.Tensor {
  if (!isFirst) return f(x);
  const rank = x.rank;
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const y = f(tfc.transpose(x, [0, ...spatial.map((i) => i + 1), 1]));
  return y.rank === rank ? tfc.transpose(y, [0, rank - 1, ...spatial]) : y;
}
