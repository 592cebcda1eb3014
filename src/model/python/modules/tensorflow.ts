import { array, rescaled, reshaped, type ArrayValue } from '../arrayValue';
import type { Machine } from '../machine';
import { numberOf, type Arguments, type Value } from '../value';
import { iterate } from '../iterate';
import { numpyCall } from './numpy';

type Function = (args: Arguments, machine: Machine) => Value | undefined;

const first = (args: Arguments): Value => args.positional[0] ?? [...args.keywords.values()][0] ?? { kind: 'none' };

/** The same function of numpy, under its name there. */
const asNumpy =
  (name: string): Function =>
  (args, machine) =>
    numpyCall(name, args, machine);

const same: Function = (args) => first(args);

const onArray =
  (run: (value: ArrayValue, args: Arguments, machine: Machine) => Value): Function =>
  (args, machine) => {
    const value = first(args);
    return value.kind === 'array' ? run(value, args, machine) : undefined;
  };

const FUNCTIONS: Record<string, Function> = {
  prod: asNumpy('prod'),
  TensorShape: same,
  constant: asNumpy('array'),
  convert_to_tensor: asNumpy('array'),
  Variable: same,
  identity: same,
  cast: same,
  to_float: same,
  'random.normal': asNumpy('zeros'),
  'random.uniform': asNumpy('zeros'),
  'random.truncated_normal': asNumpy('zeros'),
  zeros: asNumpy('zeros'),
  ones: asNumpy('ones'),
  fill: asNumpy('full'),
  reshape: asNumpy('reshape'),
  expand_dims: asNumpy('expand_dims'),
  squeeze: asNumpy('squeeze'),
  concat: asNumpy('concatenate'),
  shape: asNumpy('shape'),
  range: asNumpy('arange'),
  one_hot: onArray((value, args) => {
    const depth = numberOf(args.positional[1] ?? args.keywords.get('depth'));
    return { ...reshaped(value, value.shape && [...value.shape, depth]), origin: value.origin && { ...value.origin, isOneHot: true } };
  }),
  'image.resize': onArray((value, args, machine) => {
    const size = iterate(args.positional[1] ?? args.keywords.get('size') ?? { kind: 'none' }, machine)?.map(numberOf);
    const { shape } = value;
    if (!shape || shape.length < 3 || size?.length !== 2) return reshaped(value, null);
    return reshaped(value, [...shape.slice(0, -3), size[0], size[1], shape[shape.length - 1]]);
  }),
  'image.rgb_to_grayscale': onArray((value) => reshaped(value, value.shape && [...value.shape.slice(0, -1), 1])),
  'image.grayscale_to_rgb': onArray((value) => reshaped(value, value.shape && [...value.shape.slice(0, -1), 3])),
  'image.convert_image_dtype': onArray((value) => rescaled(value, 1 / 255, 0)),
  'image.per_image_standardization': onArray((value) => value),
  'random.set_seed': () => ({ kind: 'none' }),
  set_random_seed: () => ({ kind: 'none' }),
};
FUNCTIONS['image.resize_images'] = FUNCTIONS['image.resize'];
FUNCTIONS.random_normal = FUNCTIONS['random.normal'];
FUNCTIONS.random_uniform = FUNCTIONS['random.uniform'];
FUNCTIONS.truncated_normal = FUNCTIONS['random.truncated_normal'];
for (const name of 'image.random_flip_left_right image.random_flip_up_down image.random_brightness image.random_contrast image.random_hue'.split(
  ' ',
))
  FUNCTIONS[name] = onArray((value) => value);

/** A function of TensorFlow on data, by its name within the package: arrays keep their shape and origin. Undefined for what isn't known. */
export function tensorflowCall(name: string, args: Arguments, machine: Machine): Value | undefined {
  const plain = name
    .replace(/^compat\.v\d\./, '')
    .replace(/^math\./, '')
    .replace(/^reduce_prod$/, 'prod');
  if (Object.hasOwn(FUNCTIONS, plain)) return FUNCTIONS[plain](args, machine);
  const value = first(args);
  return value.kind === 'array' && /^(image|math|signal)\./.test(name) ? array(null, value.origin) : undefined;
}
