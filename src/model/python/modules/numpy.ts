import { array, resolveReshape, reshaped, type ArrayValue } from '../arrayValue';
import { arrayAttribute, shapeArgument } from '../arrayMethods';
import { iterate } from '../iterate';
import type { Machine } from '../machine';
import { binaryOperation } from '../operators';
import { float, int, list, numberOf, tuple, unknown, type Arguments, type Value } from '../value';
import { mathCall } from './math';

const first = (args: Arguments): Value => args.positional[0] ?? [...args.keywords.values()][0] ?? { kind: 'none' };

/** The shape of nested lists of numbers; null when a length is not known. */
function shapeOfNested(value: Value, machine: Machine): (number | null)[] | null {
  if (value.kind === 'array') return value.shape;
  if (value.kind === 'unknown' || value.kind === 'host' || value.kind === 'external') return null;
  if (value.kind !== 'list' && value.kind !== 'tuple' && value.kind !== 'range') return [];
  const items = iterate(value, machine) ?? [];
  if (items.length === 0) return [0];
  const inner = shapeOfNested(items[0], machine);
  return inner ? [items.length, ...inner] : null;
}

type NumpyFunction = (args: Arguments, machine: Machine) => Value;

const filled: NumpyFunction = (args) => {
  const shape = args.positional[0] ?? args.keywords.get('shape') ?? args.keywords.get('size');
  return array(shape ? shapeArgument([shape]) : null);
};

/** Numbers drawn at random, in the shape that a later argument gives. */
function sized(args: Arguments, at: number): Value {
  const shape = args.positional[at] ?? args.keywords.get('size');
  return shape ? random(shapeArgument([shape])) : unknown('a number drawn at random');
}

function random(shape: ReturnType<typeof shapeArgument>): Value {
  return { kind: 'array', shape, origin: null, isRandom: true };
}

const randomFromDimensions: NumpyFunction = (args) => random(shapeArgument(args.positional));

const likeFirst: NumpyFunction = (args, machine) => asArray(first(args), machine);

function asArray(value: Value, machine: Machine): Value {
  if (value.kind === 'array' || value.kind === 'unknown') return value;
  return array(shapeOfNested(value, machine));
}

function product(value: Value, machine: Machine): Value {
  const items = iterate(value, machine);
  if (!items) return value.kind === 'unknown' ? value : unknown('a product of values that are not known');
  return items.reduce((p, v) => binaryOperation('*', p, v), int(1));
}

function expandDims(args: Arguments): Value {
  const value = first(args);
  if (value.kind !== 'array' || !value.shape) return value;
  const axis = numberOf(args.positional[1] ?? args.keywords.get('axis')) ?? 0;
  const shape = [...value.shape];
  shape.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, 1);
  return reshaped(value, shape);
}

/** Arrays joined along an axis: the origin is the first one's. */
function concatenate(args: Arguments, machine: Machine): Value {
  const parts = iterate(first(args), machine);
  const arrays = parts?.filter((p): p is ArrayValue => p.kind === 'array') ?? [];
  const axis = numberOf(args.positional[1] ?? args.keywords.get('axis')) ?? 0;
  const [head] = arrays;
  if (!head) return array(null);
  if (!head.shape) return head;
  const shape = [...head.shape];
  const at = axis < 0 ? axis + shape.length : axis;
  const lengths = arrays.map((a) => a.shape?.[at] ?? null);
  shape[at] = lengths.includes(null) ? null : (lengths as number[]).reduce((s, n) => s + n, 0);
  return reshaped(head, shape);
}

const functions: Record<string, NumpyFunction> = {
  zeros: filled,
  ones: filled,
  empty: filled,
  full: filled,
  'random.random': filled,
  'random.rand': randomFromDimensions,
  'random.randn': randomFromDimensions,
  'random.random_sample': filled,
  'random.normal': (args) => sized(args, 2),
  'random.uniform': (args) => sized(args, 2),
  'random.randint': (args) => sized(args, 2),
  array: likeFirst,
  asarray: likeFirst,
  float32: (args, machine) => {
    const n = numberOf(first(args));
    return n === null ? asArray(first(args), machine) : float(n);
  },
  zeros_like: likeFirst,
  ones_like: likeFirst,
  prod: (args, machine) => product(first(args), machine),
  product: (args, machine) => product(first(args), machine),
  expand_dims: expandDims,
  concatenate,
  append: (args, machine) =>
    concatenate({ ...args, positional: [list(args.positional.slice(0, 2)), ...args.positional.slice(2)] }, machine),
  vstack: concatenate,
  reshape: (args) => {
    const value = first(args);
    const shape = args.positional[1] ?? args.keywords.get('newshape') ?? args.keywords.get('shape');
    if (value.kind !== 'array' || !shape) return array(null);
    const sizes = shapeArgument([shape]);
    return reshaped(value, sizes ? resolveReshape(value.shape, sizes) : null);
  },
  arange: (args) => {
    const n = args.positional.length === 1 ? numberOf(args.positional[0]) : null;
    return n === null ? array([null]) : { kind: 'range', start: 0, stop: n, step: 1 };
  },
  unique: (args) => {
    const value = first(args);
    return value.kind === 'array' ? array([value.classCount ?? null], value.origin, value.classCount) : array([null]);
  },
  max: (args) => {
    const value = first(args);
    // Labels count from zero, so that `np.max(y) + 1` is the number of classes.
    return value.kind === 'array' && value.classCount ? int(value.classCount - 1) : unknown('the largest number of the data');
  },
  shape: (args, machine) => {
    const value = asArray(first(args), machine);
    return (value.kind === 'array' && arrayAttribute(value, 'shape')) || unknown('the shape of data that is not known');
  },
  squeeze: (args) => {
    const value = first(args);
    return value.kind === 'array' ? reshaped(value, value.shape?.filter((n) => n !== 1) ?? null) : value;
  },
  'random.seed': () => ({ kind: 'none' }),
  'random.permutation': likeFirst,
  clip: likeFirst,
  int32: (args) => {
    const n = numberOf(first(args));
    return n === null ? unknown('a number that is not known') : int(Math.trunc(n));
  },
  split: () => unknown('the parts of an array'),
  meshgrid: () => tuple([array(null), array(null)]),
};
functions['amax'] = functions.max;
functions['int64'] = functions.int32;
functions['int'] = functions.int32;
functions['float64'] = functions.float32;
functions['float'] = functions.float32;

/** A function of numpy, by its name within the package; arrays keep their shape and origin, never numbers. */
export function numpyCall(name: string, args: Arguments, machine: Machine): Value | undefined {
  if (Object.hasOwn(functions, name)) return functions[name](args, machine);
  const value = first(args);
  if (numberOf(value) !== null) return mathCall(name, args);
  if (value.kind === 'array') return array(null, value.origin);
  return unknown(`what numpy.${name}() gives`);
}
