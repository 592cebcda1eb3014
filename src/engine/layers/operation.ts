import * as tfc from '@tensorflow/tfjs-core';
import { mapAxes, padAxisWith } from '../ops/axisMaps';
import { broadcastShape } from './elementwiseLayers';
import type { LayerConfig } from './noiseLayer';
import { OwnLayer, type Shape } from './ownLayer';

type Config = Record<string, unknown>;
type Operation = (x: tfc.Tensor, config: Config, inputs: tfc.Tensor[]) => tfc.Tensor | tfc.Tensor[];

const axesIn = ({ axes }: Config, rank: number): number[] =>
  Array.isArray(axes) ? axes.map((a) => (Number(a) + rank) % rank) : Array.from({ length: rank }, (_, i) => i);
const isKept = (c: Config): boolean => c.keepdims === true;

/** The other operand: a second tensor, or a constant. */
function pair(operation: (a: tfc.Tensor, b: tfc.Tensor) => tfc.Tensor): Operation {
  return (x, { constant, isReversed }, inputs) => {
    const other = inputs[1] ?? tfc.scalar(Number(constant));
    return isReversed === true ? operation(other, x) : operation(x, other);
  };
}

const reduction =
  (operation: (x: tfc.Tensor, axes: number[], keep: boolean) => tfc.Tensor): Operation =>
  (x, c) =>
    operation(x, axesIn(c, x.rank), isKept(c));

const variance = (x: tfc.Tensor, axes: number[], keep: boolean): tfc.Tensor =>
  tfc.mean(tfc.square(tfc.sub(x, tfc.mean(x, axes, true))), axes, keep);

interface Slice {
  start: number | null;
  stop: number | null;
  step: number | null;
}

/** numpy's basic indexing: an integer takes an entry, a slice a part, `newaxis` adds an axis of length 1. */
function item(x: tfc.Tensor, { items }: Config): tfc.Tensor {
  const given = items as (number | 'newaxis' | 'ellipsis' | Slice)[];
  const taken = given.filter((i) => i !== 'newaxis' && i !== 'ellipsis').length;
  const whole: Slice = { start: null, stop: null, step: null };
  const filler = Array<Slice>(x.rank - taken).fill(whole);
  const at = given.indexOf('ellipsis');
  const full = at >= 0 ? [...given.slice(0, at), ...filler, ...given.slice(at + 1)] : [...given, ...filler];
  let y = x;
  const shape: number[] = [];
  let axis = 0;
  for (const entry of full) {
    if (entry === 'newaxis') {
      shape.push(1);
      continue;
    }
    const length = x.shape[axis];
    if (typeof entry === 'number') y = tfc.slice(y, ...range(y, axis, entry < 0 ? entry + length : entry, 1));
    else {
      const part = sliceOf(y, axis, entry as Slice);
      y = part;
      shape.push(part.shape[axis]);
    }
    axis++;
  }
  return tfc.reshape(y, shape);
}

const range = (x: tfc.Tensor, axis: number, from: number, count: number): [number[], number[]] => [
  x.shape.map((_, i) => (i === axis ? from : 0)),
  x.shape.map((n, i) => (i === axis ? count : n)),
];

function sliceOf(x: tfc.Tensor, axis: number, { start, stop, step }: Slice): tfc.Tensor {
  const length = x.shape[axis];
  const by = step ?? 1;
  if (by < 0) {
    if (by !== -1 || start !== null || stop !== null) throw new Error('a slice with a negative step takes the whole axis here');
    return tfc.reverse(x, axis);
  }
  const place = (value: number | null, fallback: number): number =>
    value === null ? fallback : Math.min(length, Math.max(0, value < 0 ? value + length : value));
  const [from, to] = [place(start, 0), place(stop, length)];
  const part = from === 0 && to === length ? x : tfc.slice(x, ...range(x, axis, from, Math.max(0, to - from)));
  if (by === 1) return part;
  // TF.js's strided slices have no gradient: every by-th entry is the first of a row of `by`.
  const count = Math.ceil((to - from) / by);
  const whole = tfc.pad(
    part,
    part.shape.map((n, i): [number, number] => [0, i === axis ? count * by - n : 0]),
  );
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map((shape) => tfc.util.sizeFromShape(shape));
  const rows = tfc.slice(tfc.reshape(whole, [before * count, by, after]), [0, 0, 0], [before * count, 1, after]);
  return tfc.reshape(
    rows,
    x.shape.map((n, i) => (i === axis ? count : n)),
  );
}

function padded(x: tfc.Tensor, { paddings, mode, value }: Config): tfc.Tensor {
  const pairs = paddings as [number, number][];
  if (mode === 'constant' || mode === undefined) return tfc.pad(x, pairs, Number(value ?? 0));
  const kind = mode === 'edge' ? 'replicate' : mode === 'wrap' ? 'circular' : (mode as 'reflect' | 'symmetric');
  // The map leaves the batch alone and takes every further axis.
  const lined = tfc.reshape(x, [...x.shape, 1]);
  const maps = pairs.slice(1).map(([before, after]) => (before + after > 0 ? padAxisWith(kind, before, after) : null));
  const y = mapAxes(lined, maps);
  return tfc.reshape(y, y.shape.slice(0, -1));
}

/** Blocks of channels become squares of pixels, in TensorFlow's order. */
function depthToSpace(x: tfc.Tensor, { size }: Config): tfc.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const r = Number(size);
  const inner = c / r / r;
  // Row by row, so that no tensor needs six axes.
  const rows = tfc.transpose(tfc.reshape(x, [n * h, w, r, r * inner]), [0, 2, 1, 3]);
  return tfc.reshape(rows, [n, h * r, w * r, inner]);
}

function spaceToDepth(x: tfc.Tensor, { size }: Config): tfc.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const r = Number(size);
  const blocks = tfc.transpose(tfc.reshape(x, [(n * h) / r, r, w / r, r * c]), [0, 2, 1, 3]);
  return tfc.reshape(blocks, [n, h / r, w / r, r * r * c]);
}

function matmul(x: tfc.Tensor, { transposeA, transposeB }: Config, [, other]: tfc.Tensor[]): tfc.Tensor {
  return tfc.matMul(x, other, transposeA === true, transposeB === true);
}

function split(x: tfc.Tensor, { sizes, axis }: Config): tfc.Tensor[] {
  return tfc.split(x, sizes as number[], (Number(axis) + x.rank) % x.rank);
}

/** The same values, which no gradient passes. */
function stopGradient(x: tfc.Tensor): tfc.Tensor {
  const operation = tfc.customGrad((y) => ({ value: tfc.clone(y as tfc.Tensor), gradFunc: (dy: tfc.Tensor) => tfc.zerosLike(dy) }));
  return operation(x);
}

const power = (a: tfc.Tensor, b: tfc.Tensor): tfc.Tensor => tfc.pow(a, b);

/** Operations of tf.math, keras.backend, keras.ops and torch on tensors, by the names of the reader's `opLayer` in camel case. */
export const operations: Record<string, Operation> = {
  add: pair(tfc.add),
  subtract: pair(tfc.sub),
  multiply: pair(tfc.mul),
  divide: pair(tfc.div),
  maximum: pair(tfc.maximum),
  minimum: pair(tfc.minimum),
  pow: (x, c, inputs) => {
    // Whole small powers as products: TF.js's gradient of a power is not finite at 0.
    if (inputs.length === 1 && c.isReversed !== true && c.constant === 2) return tfc.square(x);
    if (inputs.length === 1 && c.isReversed !== true && c.constant === 3) return tfc.mul(tfc.square(x), x);
    if (inputs.length === 1 && c.isReversed !== true && c.constant === 0.5) return tfc.sqrt(x);
    return pair(power)(x, c, inputs);
  },
  reduceSum: reduction((x, axes, keep) => tfc.sum(x, axes, keep)),
  reduceMean: reduction((x, axes, keep) => tfc.mean(x, axes, keep)),
  reduceMax: reduction((x, axes, keep) => tfc.max(x, axes, keep)),
  reduceMin: reduction((x, axes, keep) => tfc.min(x, axes, keep)),
  reduceProd: reduction((x, axes, keep) => tfc.prod(x, axes, keep)),
  reduceVariance: reduction(variance),
  reduceStd: reduction((x, axes, keep) => tfc.sqrt(variance(x, axes, keep))),
  logsumexp: reduction((x, axes, keep) => tfc.logSumExp(x, axes, keep)),
  abs: (x) => tfc.abs(x),
  square: (x) => tfc.square(x),
  sqrt: (x) => tfc.sqrt(x),
  rsqrt: (x) => tfc.rsqrt(x),
  exp: (x) => tfc.exp(x),
  log: (x) => tfc.log(x),
  negative: (x) => tfc.neg(x),
  sin: (x) => tfc.sin(x),
  cos: (x) => tfc.cos(x),
  sign: (x) => tfc.sign(x),
  round: (x) => tfc.round(x),
  floor: (x) => tfc.floor(x),
  ceil: (x) => tfc.ceil(x),
  stopGradient,
  zerosLike: (x) => tfc.zerosLike(x),
  onesLike: (x) => tfc.onesLike(x),
  clip: (x, { low, high }) => tfc.clipByValue(x, Number(low ?? -Infinity), Number(high ?? Infinity)),
  l2Normalize: (x, c) => tfc.mul(x, tfc.rsqrt(tfc.maximum(tfc.sum(tfc.square(x), axesIn(c, x.rank), true), 1e-12))),
  stack: (_x, { axis }, inputs) => tfc.stack(inputs, (Number(axis) + inputs[0].rank + 1) % (inputs[0].rank + 1)),
  expandDims: (x, { axis }) => tfc.expandDims(x, Number(axis)),
  squeeze: (x, { axes }) => tfc.squeeze(x, Array.isArray(axes) ? axes.map((a) => (Number(a) + x.rank) % x.rank) : undefined),
  transpose: (x, { perm }) => tfc.transpose(x, perm as number[]),
  getitem: item,
  pad: padded,
  split,
  depthToSpace: depthToSpace,
  spaceToDepth: spaceToDepth,
  matmul,
};

/** One operation on tensors that no layer of Keras does, as the reader found it in the file. */
export class OperationLayer extends OwnLayer {
  static readonly className = 'KernelscopeOperation';
  private readonly run: Operation;

  constructor(config: LayerConfig) {
    super(config);
    const name = String(config.operation);
    if (!Object.hasOwn(operations, name)) throw new Error(`Unknown operation: ${name}`);
    this.run = operations[name];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shapes = this.config.outputShapes as Shape[] | undefined;
    // Element by element.
    if (!shapes) return Array.isArray(inputShape[0]) ? broadcastShape(inputShape as Shape[]) : inputShape;
    return shapes.length === 1 ? shapes[0] : shapes;
  }

  protected override get passesMask(): boolean {
    return false;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor | tfc.Tensor[] {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    return tfc.tidy(() => this.run(list[0], this.config, list));
  }
}
