import * as tfc from '@tensorflow/tfjs-core';
import { copyValues, peekValues } from '../tensorMemory';

/** The products whose sum is one weight's gradient, with their factors; images × rows × columns. */
export interface WeightTerms {
  images: number;
  rows: number;
  columns: number;
  /** What the weight was multiplied with: the layer's input (1 for biases). */
  x: Float32Array;
  /** The gradient of the loss by the sum that the product went into. */
  dy: Float32Array;
}

/** Which weight, as the kernel operations count: always four axes, the first ones 1 where there are fewer. */
export interface TermsRequest {
  shape: readonly number[];
  offset: number;
  /** The weight is added, not multiplied. */
  isBias: boolean;
  isDepthwise: boolean;
  /** The layer's input and output change places in its gradient. */
  isTransposed: boolean;
}

interface ConvolutionAttributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tfc.backend_util.ExplicitPadding;
  dilations?: [number, number] | number;
  filterShape: [number, number, number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The terms of a convolution's filter gradient (methods: dL/dK[a,b,c,f] = sum over n,i,j of X[n,i*s+a,j*s+b,c] * dY[n,i,j,f]).
 * @returns null when the operation is not about this weight.
 */
export function convolutionTerms(
  x: tfc.Tensor4D,
  dy: tfc.Tensor4D,
  attrs: ConvolutionAttributes,
  request: TermsRequest,
): WeightTerms | null {
  const { isBias, isDepthwise, isTransposed } = request;
  const { filterShape } = attrs;
  const dilations = pair(attrs.dilations ?? 1);
  if (isBias) return biasTerms(isTransposed ? x : dy, request.offset);
  const shape = fourAxes(request.shape);
  const [a, b, c, f] = unravel(request.offset, shape);
  // The CPU backend spreads dilated filters with zeros in between.
  const spread = [0, 1].map((i) => (shape[i] > 1 ? (filterShape[i] - 1) / (shape[i] - 1) : 1));
  if (shape[2] !== filterShape[2] || shape[3] !== filterShape[3] || !spread.every(Number.isInteger)) return null;
  const info = tfc.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    attrs.strides,
    dilations,
    attrs.pad as 'valid',
    attrs.dimRoundingMode,
    isDepthwise,
  );
  const [n, rows, columns, units] = dy.shape;
  const [, height, width, channels] = x.shape;
  const unit = isDepthwise ? c * shape[3] + f : f;
  const down = a * spread[0] * dilations[0] - info.padInfo.top;
  const right = b * spread[1] * dilations[1] - info.padInfo.left;
  const terms: WeightTerms = { images: n, rows, columns, x: new Float32Array(n * rows * columns), dy: take(dy, units, unit) };
  peekValues(x, (values) => {
    let at = 0;
    for (let image = 0; image < n; image++)
      for (let i = 0; i < rows; i++) {
        const row = i * info.strideHeight + down;
        for (let j = 0; j < columns; j++, at++) {
          const column = j * info.strideWidth + right;
          if (row >= 0 && row < height && column >= 0 && column < width)
            terms.x[at] = values[((image * height + row) * width + column) * channels + c];
        }
      }
  });
  return isTransposed ? { ...terms, x: terms.dy, dy: terms.x } : terms;
}

/**
 * The terms of a dense layer's gradient, X transposed times dY; several rows per image where the layer is applied along an axis.
 * @returns null when the product is not about this weight.
 */
export function denseTerms(x: tfc.Tensor, dy: tfc.Tensor, images: number, { shape, offset, isBias }: TermsRequest): WeightTerms | null {
  const [total, inputs] = x.shape.slice(-2);
  const units = dy.shape.at(-1) ?? 1;
  if (total % images !== 0) return null;
  const place = { images, rows: 1, columns: total / images };
  if (isBias) return units === shape[0] ? { ...place, x: new Float32Array(total).fill(1), dy: take(dy, units, offset) } : null;
  if (shape[0] !== inputs || shape[1] !== units) return null;
  return { ...place, x: take(x, inputs, Math.floor(offset / units)), dy: take(dy, units, offset % units) };
}

function biasTerms(dy: tfc.Tensor4D, unit: number): WeightTerms {
  const [images, rows, columns, units] = dy.shape;
  return { images, rows, columns, x: new Float32Array(images * rows * columns).fill(1), dy: take(dy, units, unit) };
}

/** Every `size`-th value, beginning with number `first`. */
function take(t: tfc.Tensor, size: number, first: number): Float32Array {
  if (size === 1) return copyValues(t);
  return peekValues(t, (values) => Float32Array.from({ length: values.length / size }, (_, i) => values[i * size + first]));
}

function pair(value: [number, number] | number): [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}

function fourAxes(shape: readonly number[]): number[] {
  return [...new Array<number>(Math.max(0, 4 - shape.length)).fill(1), ...shape];
}

function unravel(offset: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  for (let i = shape.length - 1, rest = offset; i >= 0; i--) {
    at.unshift(rest % shape[i]);
    rest = Math.floor(rest / shape[i]);
  }
  return at;
}
