import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import { truthOf } from '../python/truth';
import { NONE, TRUE, external, host, int, native, numberOf, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { ShapeError } from '../keras/shapes';
import { applyArithmetic } from './arithmetic';
import { argument } from './arguments';
import { guarded, useDefinition } from './callModule';
import { combine, concatenate } from './combining';
import { globalPool } from './modules/pool';
import { padLike } from './modules/structure';
import { moduleOfFunction } from './moduleTable';
import { elementwise, onPlainAxes } from './computed';
import { opaque } from './opaque';
import { permute, reshapeTo, squeeze, unsqueeze } from './reshaping';
import { batchFirst } from './sequences';
import { BatchSize, TorchTensor } from './torchTensor';
import type { Place } from './tracer';

type TensorFunction = (x: TorchTensor, args: Arguments, machine: Machine) => Value;

const same: TensorFunction = (x) => host(x);

const numbers = (args: Arguments, machine: Machine, ...names: string[]): Value[] => {
  const given = names.map((n) => args.keywords.get(n)).find((v) => v) ?? args.positional[0];
  const items = given && numberOf(given) === null ? iterate(given, machine) : null;
  return items ?? args.positional;
};

/** `view` and `reshape`: the first size has to be the batch's. */
const view: TensorFunction = (x, args, machine) => {
  const sizes = numbers(args, machine, 'shape', 'size');
  const place = x.tracer.placeOf(sizes.length === 2 ? 'flatten' : 'reshape', args.site);
  const lost = sizes.find((v) => numberOf(v) === null && !(v.kind === 'host' && v.object instanceof BatchSize));
  if (lost) return lost.kind === 'unknown' ? lost : unknown('a shape that is not known');
  const [first, ...rest] = sizes;
  const isBatch = first?.kind === 'host';
  if (isBatch && (first.object as BatchSize).factor !== 1) return unknown('a shape that joins the batch axis with another one');
  const total = x.sizes.reduce((p, n) => p * n, 1);
  const inner = rest.map((v) => numberOf(v));
  if (inner.includes(null)) return unknown('a shape whose batch axis is not the first');
  if (sizes.length === 1 && total === 1) return host(x);
  if (sizes.length === 1) return unknown('a shape without the batch axis');
  // Every step of a sequence becomes a row: layers on the last axis do the same without that.
  if (x.layout === 'sequence-first' || (x.shape.length === 3 && inner.length === 1 && first && numberOf(first) === -1)) {
    if (inner.length === 1 && inner[0] === x.shape.at(-1)) {
      x.tracer.session.inform(
        'rows-kept',
        'This makes a row of every step of time; here the steps stay an axis of their own, which means the same to the layers behind.',
        args.site,
      );
      return host(x);
    }
  }
  const known = (inner as number[]).filter((n) => n !== -1).reduce((p, n) => p * n, 1);
  const sizesAfter = (inner as number[]).map((n) => (n === -1 ? total / known : n));
  return guarded(place, () => {
    if (!sizesAfter.every(Number.isInteger)) throw new ShapeError(`${total} values can't be divided into parts of ${known}`);
    return host(reshapeTo(x.tracer, x, sizesAfter, place));
  });
};

const axesOf = (args: Arguments, machine: Machine): number[] | null => {
  const values = numbers(args, machine, 'dims', 'dim').map(numberOf);
  return values.includes(null) ? null : (values as number[]);
};

/** Mean, maximum and the like over axes; over all places of a map the first two are a global pooling. */
const reduce =
  (name: string, operation: string, kind?: 'Average' | 'Max'): TensorFunction =>
  (x, args, machine) => {
    const place = x.tracer.placeOf(name, args.site);
    const given = argument(args, 0, 'dim', 'axis');
    if (!given) return unknown(`the ${name} over a whole batch`);
    const values = (numberOf(given) !== null ? [given] : (iterate(given, machine) ?? [])).map(numberOf);
    if (values.length === 0 || values.includes(null)) return unknown(`the ${name} over axes that are not known`);
    if (x.layout === 'sequence-first')
      return overTime(x, values as number[], place, (y, axes) =>
        reduce(name, operation, kind)(
          y,
          {
            ...args,
            positional: [tuple(axes.map(int)), ...args.positional.slice(1)],
            keywords: new Map([...args.keywords].filter(([k]) => k !== 'dim' && k !== 'axis')),
          },
          machine,
        ),
      );
    const rank = x.shape.length;
    const axes = (values as number[]).map((a) => (a < 0 ? a + rank : a));
    if (axes.includes(0)) return unknown(`the ${name} over the batch`);
    const keeps = truthOf(argument(args, 1, 'keepdim', 'keepdims') ?? NONE) === true;
    const isGlobal = rank >= 3 && x.layout === 'channels-last' && axes.length === rank - 2 && !axes.includes(1);
    const shape = x.shape.flatMap((n, i) => (axes.includes(i) ? (keeps ? [1] : []) : [n]));
    return guarded(place, () => {
      if (!isGlobal || !kind) return host(onPlainAxes(x.tracer, operation, { axes, keepdims: keeps }, [x], shape, place));
      const pooled = globalPool(kind, x.tracer, x, place);
      return host(keeps ? pooled : reshapeTo(x.tracer, pooled, [x.sizes[0]], place));
    });
  };

/** The same on [N, T, …], when time is among the axes, which then is gone. */
function overTime(x: TorchTensor, given: number[], place: Place, run: (y: TorchTensor, axes: number[]) => Value): Value {
  const axes = given.map((a) => (a < 0 ? a + x.shape.length : a)).map((a) => (a < 2 ? 1 - a : a));
  if (!axes.includes(1)) return unknown('a reduction that leaves time before the batch');
  return run(batchFirst(x, place), axes);
}

const binary =
  (operator: string): TensorFunction =>
  (x, args) => {
    const other = argument(args, 0, 'other') ?? NONE;
    const alpha = argument(args, 1, 'alpha');
    const scaled =
      alpha && other.kind === 'host' && other.object instanceof TorchTensor
        ? applyArithmetic(other.object, '*', alpha, false, args.site)
        : other;
    return (
      applyArithmetic(x, operator, scaled ?? other, false, args.site) ??
      unknown(`"${operator}" of a tensor and something that is not known`)
    );
  };

const merge =
  (className: string): TensorFunction =>
  (x, args) => {
    const other = argument(args, 0, 'other');
    const place = x.tracer.placeOf(className.toLowerCase(), args.site);
    if (other?.kind !== 'host' || !(other.object instanceof TorchTensor))
      return unknown(`the ${className.toLowerCase()} of a tensor and a constant`);
    const second = other.object;
    return guarded(place, () => host(combine(x.tracer, className, [x, second], place)));
  };

/** More parts than this are no part of a network. */
const MAX_PARTS = 256;

/** `chunk(n, dim)` and `split(size, dim)`. */
const parts =
  (isChunk: boolean): TensorFunction =>
  (x, args, machine) => {
    const place = x.tracer.placeOf(isChunk ? 'chunk' : 'split', args.site);
    const dim = Math.trunc(numberOf(argument(args, 1, 'dim')) ?? 0);
    const axis = dim < 0 ? dim + x.shape.length : dim;
    const length = x.shape[axis];
    const given = argument(args, 0, isChunk ? 'chunks' : 'split_size_or_sections', 'split_size') ?? NONE;
    const n = numberOf(given);
    if (!(axis > 0) || typeof length !== 'number') return unknown('parts of a batch');
    const size = n === null ? null : isChunk ? Math.ceil(length / n) : n;
    if (size !== null && !(size >= 1 && length / size <= MAX_PARTS)) return unknown('parts of a size that does not fit');
    const sizes = size
      ? Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size))
      : (iterate(given, machine)?.map((v) => numberOf(v) ?? 0) ?? []);
    const whole = { start: null, stop: null, step: null };
    let from = 0;
    const items = sizes.map((k) => {
      const part = { start: from, stop: from + k, step: 1 };
      from += k;
      return Array.from({ length: axis + 1 }, (_, i) => (i === axis ? part : whole));
    });
    return tuple(sizes.map((k, i) => host(onPlainAxes(x.tracer, 'getitem', { items: items[i] }, [x], x.shape.with(axis, k), place))));
  };

/** `unbind(dim)`: one part for every place along an axis. */
const unbind: TensorFunction = (x, args) => {
  const dim = Math.trunc(numberOf(argument(args, 0, 'dim')) ?? 0);
  const axis = dim < 0 ? dim + x.shape.length : dim;
  const length = x.shape[axis];
  if (typeof length !== 'number' || length > MAX_PARTS) return unknown('the parts of a tensor');
  const whole: Value = { kind: 'slice', lower: NONE, upper: NONE, step: NONE };
  return tuple(
    Array.from({ length }, (_, i) => x.getItem(tuple([...Array<Value>(axis).fill(whole), int(i)])) ?? unknown('a part of a tensor')),
  );
};

const shown =
  (name: string): TensorFunction =>
  (x, args) =>
    host(opaque(x.tracer, name, x.shape, [x], x.tracer.placeOf(name, args.site)));

/** Element by element. */
const computed =
  (name: string): TensorFunction =>
  (x, args) =>
    guarded(x.tracer.placeOf(name, args.site), () => host(elementwise(x.tracer, name, {}, x, x.tracer.placeOf(name, args.site))));

const clamp: TensorFunction = (x, args) => {
  const place = x.tracer.placeOf('clamp', args.site);
  const [low, high] = [numberOf(argument(args, 0, 'min') ?? NONE), numberOf(argument(args, 1, 'max') ?? NONE)];
  if (low === null && high === null) return unknown('bounds that are not known');
  return guarded(place, () => host(elementwise(x.tracer, 'clip', { low, high }, x, place)));
};

/** F.normalize(x, p=2, dim=1). */
const unitLength: TensorFunction = (x, args) => {
  const place = x.tracer.placeOf('normalize', args.site);
  const [p, dim] = [numberOf(argument(args, 0, 'p') ?? NONE) ?? 2, numberOf(argument(args, 1, 'dim') ?? NONE) ?? 1];
  if (p !== 2) return host(opaque(x.tracer, 'normalize', x.shape, [x], place));
  return guarded(place, () => host(onPlainAxes(x.tracer, 'l2_normalize', { axes: [dim] }, [x], x.shape, place)));
};

const FUNCTIONS: Record<string, TensorFunction> = {
  view,
  reshape: view,
  permute: (x, args, machine) => {
    const place = x.tracer.placeOf('permute', args.site);
    const order = axesOf(args, machine);
    return order ? guarded(place, () => host(permute(x.tracer, x, order, place))) : unknown('an order of axes that is not known');
  },
  transpose: (x, args) => {
    const place = x.tracer.placeOf('transpose', args.site);
    const [a, b] = [numberOf(argument(args, 0, 'dim0')), numberOf(argument(args, 1, 'dim1'))];
    if (a === null || b === null) return unknown('axes that are not known');
    const rank = x.shape.length;
    const order = x.shape.map((_, i) => i);
    if (![a, b].every((n) => n >= -rank && n < rank)) return unknown('axes that are not there');
    const [from, to] = [a, b].map((n) => (n < 0 ? n + rank : n));
    order[from] = to;
    order[to] = from;
    return guarded(place, () => host(permute(x.tracer, x, order, place)));
  },
  squeeze: (x, args) => {
    const place = x.tracer.placeOf('squeeze', args.site);
    return guarded(place, () => host(squeeze(x.tracer, x, numberOf(argument(args, 0, 'dim')), place)));
  },
  unsqueeze: (x, args) => {
    const place = x.tracer.placeOf('unsqueeze', args.site);
    return guarded(place, () => host(unsqueeze(x.tracer, x, numberOf(argument(args, 0, 'dim')) ?? 0, place)));
  },
  size: (x, args) => {
    const sizes = x.sizeValue();
    const at = numberOf(argument(args, 0, 'dim'));
    return at === null
      ? sizes
      : ((sizes.kind === 'tuple' ? sizes.items.at(at) : undefined) ?? unknown('the size of an axis that is not there'));
  },
  dim: (x) => int(x.shape.length),
  mean: reduce('mean', 'reduce_mean', 'Average'),
  amax: reduce('amax', 'reduce_max', 'Max'),
  amin: reduce('amin', 'reduce_min'),
  sum: reduce('sum', 'reduce_sum'),
  prod: reduce('prod', 'reduce_prod'),
  logsumexp: reduce('logsumexp', 'logsumexp'),
  add: binary('+'),
  sub: binary('-'),
  subtract: binary('-'),
  mul: binary('*'),
  multiply: binary('*'),
  div: binary('/'),
  true_divide: binary('/'),
  pow: binary('**'),
  matmul: binary('@'),
  maximum: merge('Maximum'),
  minimum: merge('Minimum'),
  chunk: parts(true),
  split: parts(false),
  unbind,
  pad: (x, args, machine) => {
    const place = x.tracer.placeOf('pad', args.site);
    const sizes = (iterate(argument(args, 0, 'pad') ?? NONE, machine) ?? []).map(numberOf);
    if (sizes.length === 0 || sizes.includes(null)) return unknown('a padding that is not known');
    const mode = stringOf(argument(args, 1, 'mode')) ?? 'constant';
    const value = numberOf(argument(args, 2, 'value')) ?? 0;
    return guarded(place, () => host(padLike(x.tracer, x, sizes, mode === 'constant' && value !== 0 ? 'value' : mode, 'pad', place)));
  },
};
const ALIASES: Record<string, string> = { ndimension: 'dim', transpose_: 'transpose', swapaxes: 'transpose', swapdims: 'transpose' };
for (const name of 'exp log sqrt abs square sin cos rsqrt sign round floor ceil'.split(' ')) FUNCTIONS[name] = computed(name);
Object.assign(FUNCTIONS, { clamp, clip: clamp, normalize: unitLength, neg: computed('negative'), negative: computed('negative') });
for (const name of ['roll', 'flip']) FUNCTIONS[name] = shown(name);
// The same numbers: copies, types and places; expanding is left to the element-wise layer that follows.
const COPIES =
  'contiguous clone detach to cuda cpu long int bool float double half bfloat16 type type_as requires_grad_ expand expand_as register_hook identity retain_grad';
for (const name of COPIES.split(' ')) FUNCTIONS[name] = same;

/** A function of a tensor by the name it has as a method or in `torch`; undefined when there is none. */
export function tensorFunction(name: string): TensorFunction | undefined {
  const plain = ALIASES[name] ?? name.replace(/_$/, '');
  if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name];
  if (Object.hasOwn(FUNCTIONS, plain)) return FUNCTIONS[plain];
  const definition = moduleOfFunction(plain);
  return definition && ((x, args) => useDefinition(definition, plain, x, args));
}

/** An attribute or bound method of a tensor in a forward pass. */
export function tensorMethod(x: TorchTensor, name: string, machine: Machine): Value | undefined {
  switch (name) {
    case 'shape':
      return x.sizeValue();
    case 'data':
      return host(x);
    case 'ndim':
      return int(x.shape.length);
    case 'is_cuda':
      return { kind: 'bool', value: false };
    case 'requires_grad':
      return TRUE;
    case 'device':
    case 'dtype':
      return external(`torch.${name === 'dtype' ? 'float32' : 'device'}`);
    case 'numel':
    case 'nelement':
      return native(name, () => host(new BatchSize(x.sizes.reduce((p, n) => p * n, 1))));
    case 'tolist':
      return undefined;
  }
  const run = tensorFunction(name);
  return run && native(name, (args) => run(x, args, machine));
}

/** `torch.cat` and its like: a list of tensors comes first. Undefined when there are none in it. */
export function joinTensors(name: string, args: Arguments, machine: Machine): Value | undefined {
  if (!['cat', 'concat', 'concatenate', 'stack'].includes(name)) return undefined;
  const items = iterate(argument(args, 0, 'tensors') ?? NONE, machine) ?? [];
  const tensors = items.map((v) => (v.kind === 'host' && v.object instanceof TorchTensor ? v.object : null));
  if (tensors.length === 0 || tensors.every((t) => t === null)) return undefined;
  const lost = items[tensors.indexOf(null)];
  if (lost) return lost.kind === 'unknown' ? lost : unknown('a tensor among those joined');
  const inputs = tensors as TorchTensor[];
  const { tracer } = inputs[0];
  const place = tracer.placeOf(name === 'stack' ? 'stack' : 'cat', args.site);
  const dim = numberOf(argument(args, 1, 'dim', 'axis')) ?? 0;
  return guarded(place, () => {
    if (name !== 'stack') return host(concatenate(tracer, inputs, dim, place));
    if (dim === 0) throw new ShapeError('it stacks before the batch axis, which no layer here can do');
    const raised = inputs.map((x) => unsqueeze(tracer, x, dim, place));
    return host(concatenate(tracer, raised, dim, place));
  });
}

/** The tensors of a value: one, or a list or tuple of them. */
export function tensorsOf(value: Value): TorchTensor[] {
  if (value.kind === 'host') return value.object instanceof TorchTensor ? [value.object] : [];
  if (value.kind === 'dict') return [...value.entries.values()].flatMap((e) => tensorsOf(e.value));
  return value.kind === 'tuple' || value.kind === 'list' ? value.items.flatMap(tensorsOf) : [];
}
