import { array } from '../python/arrayValue';
import { shapeArgument } from '../python/arrayMethods';
import type { Machine } from '../python/machine';
import { NONE, host, numberOf, unknown, type Arguments, type Value } from '../python/value';
import { withoutFirst } from './arguments';
import { useWeights } from './functionalWeights';
import { ModelOutput } from './modelOutput';
import { Probe } from './probe';
import { joinTensors, tensorFunction } from './tensorMethods';
import { TorchTensor } from './torchTensor';

/** Functions that make a tensor of given sizes. */
const CREATING = new Set(['randn', 'rand', 'zeros', 'ones', 'empty', 'Tensor', 'FloatTensor', 'full', 'normal', 'LongTensor', 'randint']);

/** Functions without a result that matters. */
const NOTHING = new Set([
  'manual_seed',
  'seed',
  'manual_seed_all',
  'save',
  'no_grad',
  'set_grad_enabled',
  'set_default_dtype',
  'set_num_threads',
  'inference_mode',
  'autocast',
  'set_printoptions',
  'empty_cache',
  'enable_grad',
]);

/** A function of `torch` or `torch.nn.functional` on a tensor of a forward pass; undefined when no tensor is among its arguments. */
export function callFunction(name: string, args: Arguments, machine: Machine): Value | undefined {
  const joined = joinTensors(name, args, machine);
  if (joined) return joined;
  const { first, rest } = withoutFirst(args, 'input', 'x', 'tensor', 'other');
  const object = first?.kind === 'host' ? first.object : null;
  if (object instanceof TorchTensor) {
    const weighted = useWeights(name, object, rest);
    if (weighted) return weighted;
    const run = tensorFunction(name);
    return run ? run(object, rest, machine) : unknown(`what torch's ${name}() gives, which is not read here`);
  }
  if (object instanceof Probe) return /^(flatten|reshape)$/.test(name) ? object.flattened() : host(object);
  if (object instanceof ModelOutput) return object.after(name);
  if (first?.kind === 'unknown' && tensorFunction(name)) return first;
  const inner = first?.kind === 'list' || first?.kind === 'tuple' ? first.items : [];
  const probes = [...inner, ...rest.positional].flatMap((v) => (v.kind === 'host' && v.object instanceof Probe ? [v.object] : []));
  if (probes.length > 0) return host(Probe.joined(probes));
  const second = rest.positional[0];
  if (second?.kind === 'host' && second.object instanceof TorchTensor && first && /^(add|mul|sub|multiply)$/.test(name)) {
    const operator = name === 'add' ? '+' : name === 'sub' ? '-' : '*';
    return second.object.binary(operator, first, true, args);
  }
  return undefined;
}

/** Tensors made from sizes, as far as their shape is known; undefined for other functions. */
export function creationShape(path: string, args: Arguments): Value | undefined {
  const name = path.split('.').at(-1) ?? '';
  if (NOTHING.has(name)) return NONE;
  if (name === 'device') return unknown('a device');
  if (/_like$/.test(name)) {
    const like = args.positional[0]?.kind === 'array' ? args.positional[0] : array(null);
    return name === 'zeros_like' ? { ...like, fill: 0 } : like;
  }
  if (!CREATING.has(name)) return undefined;
  const given = args.keywords.get('size');
  const sizes = given
    ? [given]
    : name === 'randint'
      ? args.positional.slice(-1)
      : name === 'full'
        ? args.positional.slice(0, 1)
        : args.positional;
  const [only] = sizes;
  if (sizes.length === 1 && only.kind === 'array') return only;
  // One row of several sizes: the first number of `torch.normal` is a mean.
  const shape = shapeArgument(sizes.filter((v) => v.kind === 'tuple' || v.kind === 'list' || numberOf(v) !== null || v.kind === 'unknown'));
  const made = array(shape);
  return name === 'zeros' ? { ...made, fill: 0 } : made;
}
