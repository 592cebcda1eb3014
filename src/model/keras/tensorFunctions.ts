import type { JsonObject } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import { truthOf } from '../python/truth';
import { NONE, host, int, list, numberOf, stringOf, unknown, type Arguments, type Value } from '../python/value';
import { applyOp } from './opLayer';
import { ShapeError, axisOf, known, sizeOf } from './shapes';
import { SymbolicTensor } from './tensor';
import { applyOperator, broadcastShapes, useLayer } from './tensorOperators';
import { tensorsIn } from './tensorsIn';

/** What a function needs beside its arguments. */
interface Call {
  tensors: SymbolicTensor[];
  args: Arguments;
  machine: Machine;
  site: SourceRange;
  /** The argument at a place, or under one of its names. */
  get(at: number, ...names: string[]): Value | undefined;
}

type TensorFunction = (call: Call) => Value | undefined;

/** @param settings what the engine needs to compute it; null where it has no such operation */
const op = (name: string, call: Call, shapeOf: (inputs: Shape[]) => Shape[], settings: JsonObject | null = null): Value => {
  const outputs = applyOp(call.tensors[0].node.layer.session, name, call.tensors, shapeOf, call.site, settings).map(host);
  return outputs.length === 1 ? outputs[0] : list(outputs);
};

/** Element by element. @param settings of the operation, from the call; undefined when an argument is not known */
const keepsShape =
  (name: string, settings: (call: Call) => JsonObject | null | undefined = () => null): TensorFunction =>
  (call) => {
    const found = settings(call);
    return found === undefined ? undefined : op(name, { ...call, tensors: call.tensors.slice(0, 1) }, ([shape]) => [shape], found);
  };

const clipping = (call: Call): JsonObject | null => {
  const bound = (at: number, ...names: string[]): number | null => numberOf(call.get(at, ...names) ?? NONE);
  const [low, high] = [bound(1, 'clip_value_min', 'min_value', 'x_min'), bound(2, 'clip_value_max', 'max_value', 'x_max')];
  return low === null && high === null ? null : { low, high };
};

const unitLength = (call: Call): JsonObject | null => {
  const axes = axesOf(call.get(1, 'axis'), call.machine);
  const order = numberOf(call.get(2, 'order') ?? NONE);
  return axes === undefined || (order !== null && order !== 2) ? null : { axes };
};

const power = (call: Call): JsonObject | null | undefined => {
  const constant = numberOf(call.get(1, 'y', 'a', 'x2') ?? NONE);
  return constant === null || call.tensors.length > 1 ? null : { constant };
};

const same: TensorFunction = ({ tensors }) => host(tensors[0]);

const activation =
  (name: string): TensorFunction =>
  ({ tensors, site }) =>
    useLayer('Activation', { activation: name }, tensors.slice(0, 1), site);

const pairwise =
  (className: string, operator: string): TensorFunction =>
  (call) => {
    const [a, b] = [call.get(0, 'x', 'a', 'x1'), call.get(1, 'y', 'b', 'x2')];
    if (call.tensors.length >= 2) return useLayer(className, {}, call.tensors, call.site);
    const other = a?.kind === 'host' ? b : a;
    return other && applyOperator(call.tensors[0], operator, other, a?.kind !== 'host', call.site, call.machine);
  };

const axesOf = (value: Value | undefined, machine: Machine): number[] | null | undefined => {
  if (!value || value.kind === 'none') return null;
  const single = numberOf(value);
  if (single !== null) return [single];
  const items = iterate(value, machine)?.map(numberOf);
  return items && !items.includes(null) ? (items as number[]) : undefined;
};

/** Mean, sum, maximum and the like over axes. */
const reduce =
  (name: string, pooling?: string): TensorFunction =>
  (call) => {
    const axes = axesOf(call.get(1, 'axis', 'reduction_indices'), call.machine);
    if (axes === undefined) return undefined;
    const keep = call.get(2, 'keepdims', 'keep_dims');
    const keepdims = keep ? truthOf(keep) === true : false;
    const rank = call.tensors[0].shape?.length ?? 0;
    const isSpatial = axes?.length === rank - 2 && axes.every((a, i) => axisOf(a, rank) === i + 1);
    if (pooling && isSpatial && rank >= 3) return useLayer(`Global${pooling}Pooling${rank - 2}D`, { keepdims }, call.tensors, call.site);
    return op(
      name,
      call,
      ([shape]) => {
        const gone = new Set((axes ?? shape.map((_, i) => i)).map((a) => axisOf(a, shape.length)));
        return [keepdims ? shape.map((n, i) => (gone.has(i) ? 1 : n)) : shape.filter((_, i) => !gone.has(i))];
      },
      isReduced(name, axes, rank) ? { axes, keepdims } : null,
    );
  };

/** Whether the engine has it: not without gradient, and not over the batch, whose size changes. */
const isReduced = (name: string, axes: number[] | null, rank: number): boolean =>
  axes !== null && !axes.some((a) => axisOf(a, rank) === 0) && !/^(argm|any|all)/.test(name);

const joined: TensorFunction = (call) => {
  const axis = numberOf(call.get(1, 'axis')) ?? -1;
  return useLayer('Concatenate', { axis }, call.tensors, call.site);
};

const stack: TensorFunction = (call) => {
  const axis = numberOf(call.get(1, 'axis')) ?? 0;
  const count = call.tensors.length;
  return op(
    'stack',
    call,
    ([shape]) => [shape.toSpliced(axis < 0 ? axis + shape.length + 1 : axis, 0, count)],
    axis === 0 ? null : { axis },
  );
};

const reshape: TensorFunction = (call) => {
  const items = iterate(call.get(1, 'shape', 'newshape') ?? list([]), call.machine);
  const sizes = items?.map(numberOf);
  if (!sizes?.length || sizes.slice(1).includes(null)) return undefined;
  // The first size is the batch: -1, or what tf.shape(x)[0] gave.
  const [batch, ...target] = sizes as number[];
  const total = call.tensors[0].shape ? sizeOf(call.tensors[0].shape) : null;
  const rest = target.reduce((p, n) => p * n, 1);
  if (batch !== -1 && batch !== null && !(target.length && target.includes(-1)) && total !== rest) return undefined;
  return useLayer('Reshape', { target_shape: target }, call.tensors, call.site);
};

const transpose: TensorFunction = (call) => {
  const order = axesOf(call.get(1, 'perm', 'pattern', 'axes'), call.machine);
  if (order === undefined) return undefined;
  if (order?.[0] === 0) return useLayer('Permute', { dims: order.slice(1) }, call.tensors, call.site);
  return op('transpose', call, ([shape]) => [order ? order.map((a) => shape[a]) : [...shape].reverse()]);
};

const expandDims: TensorFunction = (call) => {
  const axis = numberOf(call.get(1, 'axis', 'dim')) ?? -1;
  return op(
    'expand_dims',
    call,
    ([shape]) => [shape.toSpliced(axis < 0 ? axis + shape.length + 1 : axis, 0, 1)],
    axis === 0 ? null : { axis },
  );
};

const squeeze: TensorFunction = (call) => {
  const axes = axesOf(call.get(1, 'axis'), call.machine);
  if (axes === undefined) return undefined;
  return op(
    'squeeze',
    call,
    ([shape]) => {
      const gone = axes?.map((a) => axisOf(a, shape.length));
      return [shape.filter((n, i) => (gone ? !gone.includes(i) : n !== 1))];
    },
    axes && !axes.includes(0) ? { axes } : null,
  );
};

const resize: TensorFunction = (call) => {
  const size = axesOf(call.get(1, 'size'), call.machine);
  if (size?.length !== 2) return undefined;
  return useLayer('Resizing', { height: size[0], width: size[1] }, call.tensors, call.site);
};

/** Backend's `resize_images(x, height_factor, width_factor, data_format)`. */
const resizeByFactor: TensorFunction = (call) => {
  const factors = [numberOf(call.get(1, 'height_factor')), numberOf(call.get(2, 'width_factor'))];
  if (factors.includes(null)) return undefined;
  return useLayer('UpSampling2D', { size: factors }, call.tensors, call.site);
};

const blocks =
  (toSpace: boolean): TensorFunction =>
  (call) => {
    const size = numberOf(call.get(1, 'block_size'));
    if (size === null) return undefined;
    return op(
      toSpace ? 'depth_to_space' : 'space_to_depth',
      call,
      ([[batch, h, w, c]]) => {
        const [height, width, channels] = [h, w, c].map((n) => known(n, 'a size of the input'));
        return [
          toSpace ? [batch, height * size, width * size, channels / size ** 2] : [batch, height / size, width / size, channels * size ** 2],
        ];
      },
      { size },
    );
  };

const pad: TensorFunction = (call) => {
  const pairs = iterate(call.get(1, 'paddings', 'pad_width') ?? list([]), call.machine)?.map((p) =>
    iterate(p, call.machine)?.map(numberOf),
  );
  if (!pairs?.length || pairs.some((p) => !p || p.length !== 2 || p.includes(null))) return undefined;
  const sizes = pairs as number[][];
  const mode = stringOf(call.get(2, 'mode')) ?? 'CONSTANT';
  if (sizes.length === 4 && /constant/i.test(mode) && [0, 3].every((i) => sizes[i].every((n) => n === 0))) {
    return useLayer('ZeroPadding2D', { padding: [sizes[1], sizes[2]] }, call.tensors, call.site);
  }
  const value = numberOf(call.get(3, 'constant_values') ?? NONE) ?? 0;
  const settings = sizes[0].every((n) => n === 0) ? { paddings: sizes, mode: mode.toLowerCase(), value } : null;
  return op('pad', call, ([shape]) => [shape.map((n, i) => (n === null ? null : n + sizes[i][0] + sizes[i][1]))], settings);
};

const split: TensorFunction = (call) => {
  const parts = call.get(1, 'num_or_size_splits', 'indices_or_sections');
  const axis = numberOf(call.get(2, 'axis')) ?? 0;
  const count = numberOf(parts);
  const sizes = parts && count === null ? iterate(parts, call.machine)?.map(numberOf) : null;
  if (count === null && (!sizes || sizes.includes(null))) return undefined;
  const length = call.tensors[0].shape?.at(axis) ?? null;
  const even = count !== null && length !== null ? Array.from({ length: count }, () => length / count) : null;
  const known = (sizes as number[] | null) ?? even;
  const settings = known && axis !== 0 && known.every((n) => Number.isInteger(n) && n > 0) ? { sizes: known, axis } : null;
  return op(
    'split',
    call,
    ([shape]) => {
      const at = axisOf(axis, shape.length);
      const length = shape[at];
      const lengths = sizes ?? Array.from({ length: count ?? 0 }, () => (length === null ? null : length / (count ?? 1)));
      return lengths.map((n) => shape.map((old, i) => (i === at ? n : old)));
    },
    settings,
  );
};

/** `matmul`, `dot`, `batch_dot`: the last axis of the first with the second to last of the second. */
const matmul =
  (name: string): TensorFunction =>
  (call) => {
    const second = call.get(1, 'b', 'y', 'x2');
    const weights: Shape | null = second?.kind === 'array' ? second.shape : null;
    if (call.tensors.length < 2 && !weights) return undefined;
    const flag = (at: number, name: string): boolean => truthOf(call.get(at, name) ?? NONE) === true;
    const [transposeA, transposeB] = name === 'matmul' ? [flag(2, 'transpose_a'), flag(3, 'transpose_b')] : [false, false];
    const turned = (s: Shape, isTurned: boolean): Shape => (isTurned ? [...s.slice(0, -2), s[s.length - 1], s[s.length - 2]] : s);
    const settings = name === 'matmul' && call.tensors.length === 2 ? { transpose_a: transposeA, transpose_b: transposeB } : null;
    return op(
      'matmul',
      call,
      ([left, right]) => {
        const a = turned(left, transposeA);
        const b = right ? turned(right, transposeB) : undefined;
        const other = b ?? weights;
        if (!other || other.length < 2) throw new ShapeError('what it multiplies with is not known');
        const outer = b ? broadcastShapes([a.slice(0, -2), other.slice(0, -2)]) : a.slice(0, -2);
        return [a.length === 2 && !b ? [a[0], other[other.length - 1]] : [...outer, a[a.length - 2], other[other.length - 1]]];
      },
      settings,
    );
  };

/** `tf.nn.max_pool(x, ksize, strides, padding)`. */
const pool =
  (kind: string): TensorFunction =>
  (call) => {
    const window = (value: Value | undefined): number[] | null => {
      const sizes = axesOf(value, call.machine);
      if (!sizes) return null;
      return sizes.length === 4 ? sizes.slice(1, 3) : sizes.length === 1 ? [sizes[0], sizes[0]] : sizes;
    };
    const size = window(call.get(1, 'ksize', 'pool_size'));
    if (!size) return undefined;
    const strides = window(call.get(2, 'strides')) ?? size;
    const padding = (stringOf(call.get(3, 'padding')) ?? 'valid').toLowerCase();
    return useLayer(`${kind}Pooling2D`, { pool_size: size, strides, padding }, call.tensors, call.site);
  };

const shapeValue: TensorFunction = ({ tensors }) => {
  const { shape } = tensors[0];
  if (!shape) return unknown('the shape of a tensor that could not be built');
  return { kind: 'tuple', items: shape.map((n) => (n === null ? unknown('a size that is not fixed, such as the batch') : int(n))) };
};

const FUNCTIONS: Record<string, TensorFunction> = {
  relu6: ({ tensors, site }) => useLayer('ReLU', { max_value: 6 }, tensors, site),
  leaky_relu: (call) => useLayer('LeakyReLU', { alpha: numberOf(call.get(1, 'alpha', 'negative_slope')) ?? 0.2 }, call.tensors, call.site),
  dropout: (call) => useLayer('Dropout', { rate: numberOf(call.get(1, 'rate', 'level')) ?? 0.5 }, call.tensors, call.site),
  flatten: ({ tensors, site }) => useLayer('Flatten', {}, tensors, site),
  batch_flatten: ({ tensors, site }) => useLayer('Flatten', {}, tensors, site),
  add: pairwise('Add', '+'),
  add_n: ({ tensors, site }) => useLayer('Add', {}, tensors, site),
  subtract: pairwise('Subtract', '-'),
  multiply: pairwise('Multiply', '*'),
  maximum: pairwise('Maximum', 'maximum'),
  minimum: pairwise('Minimum', 'minimum'),
  divide: pairwise('Divide', '/'),
  concat: joined,
  concatenate: joined,
  stack,
  reshape,
  transpose,
  permute_dimensions: transpose,
  expand_dims: expandDims,
  squeeze,
  resize,
  resize_images: resizeByFactor,
  depth_to_space: blocks(true),
  space_to_depth: blocks(false),
  pad,
  split,
  matmul: matmul('matmul'),
  dot: matmul('dot'),
  batch_dot: matmul('batch_dot'),
  max_pool: pool('Max'),
  max_pool2d: pool('Max'),
  avg_pool: pool('Average'),
  avg_pool2d: pool('Average'),
  shape: shapeValue,
  reduce_mean: reduce('reduce_mean', 'Average'),
  mean: reduce('mean', 'Average'),
  reduce_max: reduce('reduce_max', 'Max'),
  max: reduce('max', 'Max'),
  amax: reduce('max', 'Max'),
};
for (const name of 'reduce_sum sum reduce_min min reduce_prod prod std var reduce_std reduce_variance argmax argmin logsumexp any all'.split(
  ' ',
))
  FUNCTIONS[name] = reduce(name);
for (const name of 'relu sigmoid tanh softmax elu selu softplus softsign swish silu gelu hard_sigmoid exponential linear mish log_softmax'.split(
  ' ',
))
  FUNCTIONS[name] = activation(name === 'silu' ? 'swish' : name);
for (const name of 'cast identity convert_to_tensor ensure_shape'.split(' ')) FUNCTIONS[name] = same;
const COMPUTED = 'abs square sqrt rsqrt exp log round floor ceil sign negative sin cos zeros_like ones_like stop_gradient';
for (const name of COMPUTED.split(' ')) FUNCTIONS[name] = keepsShape(name, () => ({}));
Object.assign(FUNCTIONS, {
  clip: keepsShape('clip', clipping),
  clip_by_value: keepsShape('clip_by_value', clipping),
  l2_normalize: keepsShape('l2_normalize', unitLength),
  normalize: keepsShape('normalize', unitLength),
  pow: keepsShape('pow', power),
});
const ELEMENTWISE =
  'random_contrast random_brightness random_flip_left_right per_image_standardization lrn local_response_normalization in_train_phase';
for (const name of ELEMENTWISE.split(' ')) FUNCTIONS[name] = keepsShape(name);

const PATH =
  /^(?:tensorflow(?:\.compat\.v\d)?(?:\.(?:nn|math|linalg|image|layers|keras\.(?:backend|ops(?:\.\w+)?|activations)))?|keras\.(?:backend|ops(?:\.nn|\.numpy|\.image)?|activations)|numpy)\.(\w+)$/;

/** A function of TensorFlow, of Keras's backend or of `keras.ops`, called on tensors of the model; undefined for all others. */
export function callOnTensors(path: string, args: Arguments, machine: Machine): Value | undefined {
  const name = PATH.exec(path)?.[1];
  const run = name !== undefined && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!run) return undefined;
  const given = [...args.positional, ...args.keywords.values()];
  const tensors = given.flatMap((v) => (v.kind === 'host' || v.kind === 'list' || v.kind === 'tuple' ? (tensorsIn(v, machine) ?? []) : []));
  if (tensors.length === 0) return undefined;
  const get = (at: number, ...names: string[]) => names.map((n) => args.keywords.get(n)).find((v) => v) ?? args.positional[at];
  return run({ tensors, args, machine, site: args.site, get });
}
