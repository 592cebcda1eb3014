import * as tfc from '@tensorflow/tfjs-core';
import { convolution } from './convolution';
import { padsOf, type Windows } from './windows';

/** Length of an axis after a transposed convolution, as Keras defines it. */
export function transposedLength(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'valid' | 'same',
  outputPadding: number | null,
): number {
  const reach = (kernel - 1) * dilation + 1;
  if (outputPadding !== null) return (length - 1) * stride + reach - (padding === 'same' ? 2 * Math.floor(reach / 2) : 0) + outputPadding;
  return padding === 'same' ? length * stride : length * stride + Math.max(reach - stride, 0);
}

/** The filter with zeros between its rows and columns, as a dilation has it. */
function spread(filter: tfc.Tensor4D, [dh, dw]: number[]): tfc.Tensor4D {
  if (dh === 1 && dw === 1) return filter;
  const [kh, kw, a, b] = filter.shape;
  const columns = tfc.pad(tfc.reshape(filter, [kh, kw, 1, a * b]), [
    [0, 0],
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ]);
  const rows = tfc.pad(tfc.reshape(columns, [kh, 1, kw * dw * a * b]), [
    [0, 0],
    [0, dh - 1],
    [0, 0],
  ]);
  const whole = tfc.reshape(rows, [kh * dh, kw * dw, a, b]) as tfc.Tensor4D;
  return tfc.slice(whole, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, a, b]);
}

/** What a convolution of an image of `shape` does to gradients: x [n, h, w, c], filter [kh, kw, filters, c]. */
function transposed2d(
  x: tfc.Tensor4D,
  filter: tfc.Tensor4D,
  shape: number[],
  strides: [number, number],
  pad: 'valid' | 'same',
): tfc.Tensor {
  const attributes = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };
  const run = (name: string, inputs: tfc.NamedTensorMap, more: object): tfc.Tensor =>
    tfc.engine().runKernel(name, inputs, { ...attributes, ...more } as unknown as tfc.NamedAttrMap);
  const operation = tfc.customGrad((...args: (tfc.Tensor | tfc.GradSaveFunc)[]) => {
    const [image, kernel, save] = args as [tfc.Tensor4D, tfc.Tensor4D, tfc.GradSaveFunc];
    save([image, kernel]);
    return {
      value: run(tfc.Conv2DBackpropInput, { dy: image, filter: kernel }, { inputShape: shape }),
      gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) => [
        convolution(dy as tfc.Tensor4D, saved[1] as tfc.Tensor4D, undefined, { strides, pad, dilations: [1, 1], isRelu: false }),
        run(tfc.Conv2DBackpropFilter, { x: dy, dy: saved[0] }, { filterShape: kernel.shape }),
      ],
    };
  });
  return operation(x, filter);
}

/**
 * Transposed convolution over one, two or three axes, in groups: x [n, …axes, c], filter [...kernel, filters / groups, c].
 * @param lengths of the output's axes
 */
export function transposedConvolution(x: tfc.Tensor, filter: tfc.Tensor, lengths: number[], how: Windows, groups = 1): tfc.Tensor {
  const { strides, dilations } = how;
  const padding = how.padding === 'same' ? 'same' : 'valid';
  if (groups > 1) {
    const inputs = tfc.split(x, groups, x.rank - 1);
    const filters = tfc.split(filter, groups, filter.rank - 1);
    return tfc.concat(
      inputs.map((part, g) => transposedConvolution(part, filters[g], lengths, how)),
      x.rank - 1,
    );
  }
  if (x.rank === 3) {
    const [n, length, channels] = x.shape;
    const [kernel, filters] = filter.shape;
    const y = transposedConvolution(
      tfc.reshape(x, [n, 1, length!, channels!]),
      tfc.reshape(filter, [1, kernel, filters!, channels!]),
      [1, ...lengths],
      { strides: [1, ...strides], dilations: [1, ...dilations], padding },
    );
    return tfc.reshape(y, [n, lengths[0], filters!]);
  }
  if (x.rank === 5) return transposed3d(x as tfc.Tensor5D, filter as tfc.Tensor5D, lengths, { ...how, padding });
  const [n] = x.shape;
  const f = spread(filter as tfc.Tensor4D, dilations);
  return transposed2d(x as tfc.Tensor4D, f, [n, ...lengths, filter.shape[2]!], strides as [number, number], padding);
}

/** Every slice goes to the output as often as the window is deep, moved by its place in the window. */
function transposed3d(x: tfc.Tensor5D, filter: tfc.Tensor5D, lengths: number[], { strides, dilations, padding }: Windows): tfc.Tensor {
  const [n, depth] = x.shape;
  const [kernel, ...plane] = filter.shape;
  const [stride, dilation] = [strides[0], dilations[0]];
  const inPlane: Windows = { strides: strides.slice(1), dilations: dilations.slice(1), padding };
  const slices = tfc.reshape(x, [n * depth, ...x.shape.slice(2)]);
  const [before] = padsOf(lengths[0], kernel, stride, dilation, padding);
  const total = Math.max((depth - 1) * stride + (kernel - 1) * dilation + stride, before + lengths[0]);
  const parts = Array.from({ length: kernel }, (_, k) => {
    const f = tfc.reshape(tfc.slice(filter, [k, 0, 0, 0, 0], [1, ...plane]), plane);
    const y = transposedConvolution(slices, f, lengths.slice(1), inPlane);
    const values = y.size / (n * depth);
    const apart =
      stride === 1
        ? y
        : tfc.pad(tfc.reshape(y, [n, depth, 1, values]), [
            [0, 0],
            [0, 0],
            [0, stride - 1],
            [0, 0],
          ]);
    const rows = tfc.reshape(apart, [n, depth * stride, values]);
    return tfc.pad(rows, [
      [0, 0],
      [k * dilation, total - k * dilation - depth * stride],
      [0, 0],
    ]);
  });
  const sum = parts.length === 1 ? parts[0] : tfc.addN(parts);
  const cut = tfc.slice(sum, [0, before, 0], [n, lengths[0], sum.shape[2]!]);
  return tfc.reshape(cut, [n, ...lengths, filter.shape[3]]);
}
