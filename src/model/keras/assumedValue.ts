import type { JsonValue } from '../../common/json';
import { bool, dict, float, int, list, str, NONE, type Value } from '../python/value';
import type { KerasSession } from './session';

const NUMBERS: [RegExp, number][] = [
  [/^(kernel|filter)_?(size|length|dim)s?(_?\d+)?$|^ks\d*$/i, 3],
  [/^(in|input|img|image|num|nb|n)?_?(channels?|chans?|chn?ls?|depth)$|^(nc|c)$/i, 3],
  [
    /^(img|image|input)?_?(h|w|height|width|rows?|cols?|columns|size|dim|dims)$|^(img|image|input)_?(height|width|rows|cols|size|dim|length)$/i,
    64,
  ],
  [/^(num|nb|n)?_?(filters?|kernels?|feature_maps?)(_?(num|count|size))?$|^(conv_?|conf_?)?(filters?|kernels?)_?\d*$/i, 32],
  [/^(pool|pooling)_?size$/i, 2],
  [/^strides?$/i, 1],
  [/^(num|nb|n)?_?(dense|hidden|fc|units|neurons|nodes|layer)_?(layer)?_?(units|size|dim|neurons|nodes)?s?_?\d*$/i, 128],
  [/^(latent|embedding|code|z|noise)_?(dim|size|shape)s?$/i, 100],
  [/^(dropout|drop)_?(rate|prob|p)?s?_?\d*$|^keep_prob$/i, 0.5],
  [/^(learning_?rate|lr)$/i, 0.001],
  [/^(weight_decay|l2|l2_reg(ularization)?|reg(ularization)?|decay|regularizer_factor)$/i, 1e-4],
  [/^(batch_size|bs)$/i, 32],
  [/^(epochs?|num_epochs|nb_epochs?)$/i, 10],
  [/^alpha$/i, 1],
  [/^(num|nb|n)_?(blocks?|layers?|repeats?)$|^reps$/i, 2],
  [/^momentum$/i, 0.9],
];

const TEXTS: [RegExp, string][] = [
  [/^(act(ivation)?(_fn|_function)?|activ)$/i, 'relu'],
  [/^(last|final|output|top)_?activation$/i, 'softmax'],
  [/^opt(imi[sz]er)?$/i, 'adam'],
  [/^loss(_fn|_function)?$/i, 'categorical_crossentropy'],
  [/^padding$|^border_mode$/i, 'same'],
  [/^(kernel_)?init(iali[sz]er)?(_mode)?$/i, 'glorot_uniform'],
];

const CLASSES =
  /^(n|num|nb|no|number)?_?(of_)?(class(es)?|labels?|categories|out(put)?s?_?(nums?|classes|dim|size)?)(_?num|_?nums|_count|_number|_len)?$|^class_num$/i;
const SHAPE = /^(in|input|img|image|x)_?(shape|dims?|size)s?(_?\d+)?$|^shape$|^target_size$/i;

/** Whether a parameter's name says that it is the shape of an image. */
export function isShapeName(name: string): boolean {
  return SHAPE.test(name);
}

/**
 * A value for a parameter that nothing in the file gives one, by the usual meaning of its name; undefined when its name says nothing.
 * @param size height and width of images, when no data set of the file tells
 */
export function usualValue(session: KerasSession, name: string, size: number): JsonValue | undefined {
  const { knownData } = session;
  if (CLASSES.test(name)) return knownData?.classes ?? 10;
  const image = knownData?.image ?? [size, size, 3];
  if (SHAPE.test(name)) return image;
  const [, number] = NUMBERS.find(([pattern]) => pattern.test(name)) ?? [];
  if (number === 64) return /h(eight)?$|rows?$/i.test(name) ? image[0] : image[1];
  if (number === 3 && !/kernel|filter|ks/i.test(name)) return image[2];
  if (number !== undefined) return number;
  return TEXTS.find(([pattern]) => pattern.test(name))?.[1];
}

/** A JSON value among Python values; arrays become tuples. */
export function fromJson(json: JsonValue): Value {
  if (json === null) return NONE;
  if (typeof json === 'boolean') return bool(json);
  if (typeof json === 'number') return Number.isInteger(json) ? int(json) : float(json);
  if (typeof json === 'string') return str(json);
  if (Array.isArray(json)) return { kind: 'tuple', items: list(json.map(fromJson)).items };
  return dict(Object.entries(json).map(([k, v]): [string, Value] => [k, fromJson(v)]));
}
