import { ModelError } from '../common/modelError';
import type { ModelSpec, Shape } from '../common/modelSpec';
import { isRegression } from '../data/fitLabels';
import { lossName } from './losses';

/** How images become a model's input. */
export interface InputGeometry {
  /** [height, width, channels] of the images to ask for. */
  imageShape: [number, number, number];
  /** Of a model input without the batch. */
  inputShape: number[];
  /** The model wants channels before rows and columns. */
  isChannelsFirst: boolean;
}

const DEFAULT_SIZE = 64;
/** Of an image in a flat vector. */
const MIN_SIDE = 8;

/**
 * What images a model takes: [h, w, c], [h, w] for one channel, or a flat vector of square images.
 * @throws Error when the model takes something else, with the way out.
 */
export function inputGeometry(spec: ModelSpec): InputGeometry {
  if (spec.inputShapes.length !== 1)
    throw new ModelError(`${spec.name} has ${spec.inputShapes.length} inputs; only models with one input of images can be trained here`);
  const shape = spec.inputShapes[0].slice(1);
  if (spec.layers.find((l) => l.className !== 'InputLayer')?.className === 'Embedding')
    throw new ModelError(
      `${spec.name} takes numbers of words (its first layer is an Embedding); only models of images can be trained here, this one can be looked at`,
    );
  const [th, tw] = spec.data.targetSize ?? [DEFAULT_SIZE, DEFAULT_SIZE];
  const isChannelsFirst = spec.layers.some((l) => l.config.data_format === 'channels_first');
  if (shape.length === 3) {
    const [h, w, c] = isChannelsFirst ? [shape[1], shape[2], shape[0]] : shape;
    const imageShape: [number, number, number] = [h ?? th, w ?? tw, c ?? (spec.data.colorMode === 'grayscale' ? 1 : 3)];
    const [ih, iw, ic] = imageShape;
    return { imageShape, inputShape: isChannelsFirst ? [ic, ih, iw] : imageShape, isChannelsFirst };
  }
  if (shape.length === 2)
    return { imageShape: [shape[0] ?? th, shape[1] ?? tw, 1], inputShape: shape.map((s) => s ?? th), isChannelsFirst: false };
  const [size] = shape;
  for (const channels of [1, 3]) {
    const side = Math.sqrt((size ?? NaN) / channels);
    // A few numbers are measurements, not an image.
    if (shape.length === 1 && Number.isInteger(side) && side >= MIN_SIDE)
      return { imageShape: [side, side, channels], inputShape: [side * side * channels], isChannelsFirst: false };
  }
  throw new ModelError(
    `${spec.name} takes inputs of shape (${shape.map((s) => s ?? '?').join(', ')}), which are not images; give it an input such as (28, 28, 1)`,
  );
}

/**
 * What a model's outputs are compared with: the images' labels; the images themselves, as an autoencoder's are; or masks, which tell the
 * class of every pixel. The file says so, or it follows from the shapes. Outputs shaped like the input, with a loss that compares number by
 * number, are the input again, unless maps of early layers are joined to late ones, as in U-Nets: what those hand on need not be learned.
 */
export function targetsOf(spec: ModelSpec): 'labels' | 'input' | 'masks' {
  const { data, training, inputShapes, outputShapes } = spec;
  if (data.classMode === 'input') return 'input';
  const [input, output] = [inputShapes[0]?.slice(1) ?? [], outputShapes[0]?.slice(1) ?? []];
  const isAlike = input.length === output.length && input.every((size, i) => size === output[i]) && output.some((size) => size !== 1);
  const loss = training.loss && lossName(training.loss.name);
  const isCompared = loss ? isRegression(loss) || loss === 'binary_crossentropy' : output.length > 1;
  const isMap = output.length === 3 && !isVector(output);
  const isJoined = isMap && (!loss || loss === 'binary_crossentropy') && spec.layers.some((l) => l.className === 'Concatenate');
  if (isAlike && isCompared && !isJoined) return 'input';
  return isMap ? 'masks' : 'labels';
}

/** The maps in which a model tells the class of every pixel. */
export interface MaskGeometry {
  /** [rows, columns] */
  shape: [number, number];
  /** Values per pixel. */
  channels: number;
}

/**
 * What masks a model of them makes.
 * @throws ModelError when its maps have no fixed size, or none that images are brought to.
 */
export function maskGeometry(spec: ModelSpec): MaskGeometry {
  const { imageShape, isChannelsFirst } = inputGeometry(spec);
  const output = spec.outputShapes[0].slice(1);
  const [rows, columns, channels] = isChannelsFirst ? [output[1], output[2], output[0]] : output;
  const shape: [number, number] = [rows ?? imageShape[0], columns ?? imageShape[1]];
  if (isChannelsFirst && channels !== 1)
    throw new ModelError(
      `${spec.name} ends in ${channels} maps with channels first; models that tell the class of every pixel are trained here with channels last`,
    );
  if (channels === null || imageShape[0] % shape[0] !== 0 || imageShape[1] % shape[1] !== 0)
    throw new ModelError(
      `${spec.name} makes maps of ${shape.join(' × ')} from images of ${imageShape[0]} × ${imageShape[1]}, which no mask fits; use padding='same' so that they have the size of the images`,
    );
  return { shape, channels };
}

/**
 * Units of the last layer, 1 × 1 feature maps counting as a vector; all values where the model reproduces its input or makes masks.
 * @throws Error when the outputs are no vector per image, and no masks.
 */
export function outputUnits(spec: ModelSpec): number {
  const shape = spec.outputShapes[0].slice(1);
  const other = spec.outputShapes.find((s) => String(s.slice(1)) !== String(shape));
  if (other)
    throw new ModelError(
      `${spec.name} has outputs of different shapes (${[shape, other.slice(1)].map((s) => s.join(' × ')).join(' and ')}); several outputs are trained here where all of them tell the same classes apart`,
    );
  const targets = targetsOf(spec);
  if (targets === 'masks') {
    const { shape: maps, channels } = maskGeometry(spec);
    return maps[0] * maps[1] * channels;
  }
  const isInput = targets === 'input';
  const open = isInput ? inputGeometry(spec).inputShape : [];
  const units = shape.reduce<number>((n, size, i) => n * (size ?? open[i] ?? NaN), 1);
  if (Number.isFinite(units) && (isInput || isVector(shape))) return units;
  throw new ModelError(
    `${spec.name} ends in outputs of shape (${shape.map((s) => s ?? '?').join(', ')}), not in one vector per image; add Flatten() or GlobalAveragePooling2D() before the last layer`,
  );
}

function isVector(shape: Shape): boolean {
  return shape.length === 1 || shape.slice(0, -1).every((size) => size === 1);
}
