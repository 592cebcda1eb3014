import * as tfc from '@tensorflow/tfjs-core';
import { ModelError } from '../common/modelError';
import type { DatasetInfo } from '../common/dataSpec';
import type { LossSpec, ModelSpec } from '../common/modelSpec';
import { checkLabelsFit, spareUnitsNote } from '../data/fitLabels';
import { lossName, lossNamed, sigmoidCrossEntropy, softmaxCrossEntropy, type LossConfig, type LossFunction } from './losses';
import { metricNamed, type Metric } from './metrics';
import type { Batch } from './batches';
import { inputGeometry, maskGeometry, outputUnits, targetsOf, type InputGeometry } from './modelShapes';

/** What a run minimises and measures, decided from the file, the model's last layer and the data. */
export interface Objective {
  /** Keras's name of the loss. */
  lossName: string;
  /** The activation to take off the last layer, because the loss is computed from logits. */
  split: 'softmax' | 'sigmoid' | null;
  /** Values of an image's outputs. */
  units: number;
  /** The outputs tell the class of every pixel. */
  isPerPixel: boolean;
  /** How many of them are compared as one: all of an image, or those of a pixel. */
  rowSize: number;
  metrics: Metric[];
  /** Whether the outputs tell classes apart; false where they are numbers, or the input again. */
  isClassifier: boolean;
  /** What makes probabilities of predictions, where the loss takes logits and the model leaves them as they are; null: they are probabilities. */
  readout: 'softmax' | 'sigmoid' | null;
  /** Single outputs above it mean yes. Keras compares logits with 0.5 as well; PyTorch's programs, and masks, take logits for what they are. */
  threshold: number;
  /** What the loss of each output is multiplied with; the targets are the same for all. */
  weights: number[];
  /** The loss per example, on outputs that are logits or not. */
  loss(areLogits: boolean): LossFunction;
  /** Class indices of images or pixels, or the input itself, as targets of shape [count, units]. */
  targets(batch: Batch): Float32Array;
  notes: string[];
}

const CROSS_ENTROPIES: Record<string, 'softmax' | 'sigmoid' | undefined> = {
  categorical_crossentropy: 'softmax',
  sparse_categorical_crossentropy: 'softmax',
  binary_crossentropy: 'sigmoid',
};

/** Focal losses, by what makes outputs of logits for them. */
const FOCAL: Record<string, 'softmax' | 'sigmoid' | undefined> = {
  categorical_focal_crossentropy: 'softmax',
  binary_focal_crossentropy: 'sigmoid',
};

/**
 * Decides targets, loss and metrics as Keras's compile does.
 * @throws Error, with the way out, when the labels do not fit the last layer or the loss is unknown.
 */
export function decideObjective(spec: ModelSpec, info: DatasetInfo): Objective {
  const notes: string[] = [];
  const units = outputUnits(spec);
  const activation = lastActivation(spec);
  const targets = targetsOf(spec);
  const isInput = targets === 'input';
  const isPerPixel = targets === 'masks';
  const rowSize = isPerPixel ? maskGeometry(spec).channels : units;
  const loss = spec.training.loss ?? assumedLoss(rowSize, activation, isInput, notes);
  const name = lossName(loss.name);
  const geometry = inputGeometry(spec);
  const problem = isInput
    ? inputProblem(spec, geometry, units, name)
    : isPerPixel
      ? maskProblem(rowSize, name, activation)
      : checkLabelsFit(info, units, name, activation);
  if (problem) throw new ModelError(problem);
  const spare = targets === 'labels' ? spareUnitsNote(info, units, name) : null;
  if (spare) notes.push(spare);
  const config = lossConfig(loss);
  const family = Object.hasOwn(CROSS_ENTROPIES, name) ? (CROSS_ENTROPIES[name] ?? null) : null;
  const split = family !== null && activation === family ? family : null;
  if (split && loss.fromLogits)
    notes.push(`from_logits=True although the last layer already applies ${split}: the loss is computed from what goes into ${split}.`);
  if (isInput)
    notes.push(
      spec.data.classMode === 'input'
        ? 'As the file says, the model is trained to reproduce its input: an autoencoder.'
        : 'The outputs have the shape of the input: the model is trained to reproduce its input, as an autoencoder is.',
    );
  const readout = split === null && loss.fromLogits ? (family ?? FOCAL[name] ?? null) : null;
  const onOutputs = lossNamed(name, config);
  const onLogits = family === 'softmax' ? softmaxCrossEntropy : sigmoidCrossEntropy;
  const focal = FOCAL[name];
  const encode = isInput ? null : targetEncoder(name, rowSize, config.labelSmoothing);
  return {
    lossName: name,
    split,
    units,
    isPerPixel,
    rowSize,
    metrics: metricsOf(spec, rowSize, targets, notes),
    loss: (areLogits) => {
      if (family && (areLogits || loss.fromLogits)) return onLogits;
      if (!focal || !loss.fromLogits) return onOutputs;
      return (target, output) => onOutputs(target, (focal === 'softmax' ? tfc.softmax(output) : tfc.sigmoid(output)) as tfc.Tensor2D);
    },
    isClassifier: targets === 'labels' && (split !== null || readout !== null),
    readout,
    threshold: readout === 'sigmoid' && (isPerPixel || spec.dialect === 'pytorch') ? 0 : 0.5,
    weights: weightsOf(spec, name, notes),
    targets: ({ count, labels, inputs, masks }) => {
      if (isPerPixel && encode) return encode(masks ?? new Float32Array((count * units) / rowSize));
      return encode?.(labels) ?? (geometry.isChannelsFirst ? channelsFirst(inputs, geometry.imageShape) : inputs);
    },
    notes,
  };
}

/**
 * The weight of each output's loss.
 * @throws Error when outputs have losses of their own: all are compared with the same targets.
 */
function weightsOf({ name, training, outputShapes }: ModelSpec, loss: string, notes: string[]): number[] {
  if (outputShapes.length === 1) return [1];
  const outputs = training.outputLosses ?? outputShapes.map(() => ({ loss: training.loss, weight: 1 }));
  const other = outputs.find((o) => o.loss && lossName(o.loss.name) !== loss);
  if (other?.loss)
    throw new ModelError(
      `${name} has outputs with different losses (${loss} and ${other.loss.name}); several outputs are trained here where all of them tell the same classes apart`,
    );
  // As in Keras an output without a loss adds nothing, unless none has one.
  const weights = outputs.map((o) => (o.loss || outputs.every(({ loss: l }) => !l) ? o.weight : 0));
  notes.push(
    `The ${weights.length} outputs learn the same labels; their losses are added, times ${weights.join(', ')}. Accuracy is that of the first output.`,
  );
  return weights;
}

/** What the last layer, or the first output's, applies: `softmax`, `sigmoid`, …; null for nothing. */
export function lastActivation(spec: ModelSpec): string | null {
  const [first] = (spec.outputShapes.length > 1 ? spec.topology.config.output_layers : []) as [string][];
  const last = first ? spec.layers.find((l) => l.name === first[0]) : spec.layers.at(-1);
  if (!last) return null;
  if (last.className === 'Softmax') return 'softmax';
  const { activation } = last.config;
  return typeof activation === 'string' && activation !== 'linear' ? activation : null;
}

function assumedLoss(units: number, activation: string | null, isInput: boolean, notes: string[]): LossSpec {
  if (isInput) {
    notes.push('The file names no loss: mean_squared_error is used.');
    return { name: 'mean_squared_error', fromLogits: false, config: {} };
  }
  const name = units === 1 ? 'binary_crossentropy' : 'categorical_crossentropy';
  const fromLogits = activation !== (units === 1 ? 'sigmoid' : 'softmax');
  notes.push(`The file names no loss: ${name}${fromLogits ? ' from logits' : ''} is used.`);
  return { name, fromLogits, config: {} };
}

function lossConfig(loss: LossSpec): LossConfig {
  const number = (key: string, fallback: number): number => (typeof loss.config[key] === 'number' ? loss.config[key] : fallback);
  return {
    labelSmoothing: number('label_smoothing', 0),
    delta: number('delta', 1),
    scale: number('scale', 1),
    isBalanced: loss.config.apply_class_balancing === true,
    alpha: number('alpha', 0.25),
    gamma: number('gamma', 2),
  };
}

/** Images [count, rows, columns, channels] as [count, channels, rows, columns]. */
function channelsFirst(images: Float32Array, [rows, columns, channels]: [number, number, number]): Float32Array {
  const out = new Float32Array(images.length);
  const [plane, size] = [rows * columns, rows * columns * channels];
  for (let i = 0; i < images.length; i++) {
    const within = i % size;
    out[i - within + (within % channels) * plane + Math.floor(within / channels)] = images[i];
  }
  return out;
}

/** Losses that Keras sums over the channels of every pixel: over all values of an image at once they would be others. */
const OVER_CHANNELS = /^(sparse_)?categorical_|^(kl_divergence|cosine_similarity)$/;

function inputProblem({ name, outputShapes }: ModelSpec, { inputShape }: InputGeometry, units: number, loss: string): string | null {
  if (outputShapes[0].length > 2 && OVER_CHANNELS.test(loss))
    return `${name} is trained to reproduce images, which ${loss} does not compare value by value; use mean_squared_error or binary_crossentropy`;
  const wanted = inputShape.reduce((n, size) => n * size, 1);
  return wanted === units ? null : `the file trains the model to reproduce its input of ${wanted} values, but it has ${units} outputs`;
}

function maskProblem(channels: number, loss: string, activation: string | null): string | null {
  if (channels > 1 || (activation !== 'softmax' && !/^(sparse_)?categorical_/.test(loss))) return null;
  return `the last layer has one value per pixel, which ${activation === 'softmax' ? 'softmax makes 1 everywhere' : `${loss} cannot tell classes by`}; use a sigmoid with loss='binary_crossentropy', or one channel per class`;
}

/** Class indices as rows of targets: the index itself for one unit, one-hot for several, -1 and 1 for hinge losses as in Keras. */
function targetEncoder(name: string, units: number, smoothing: number): (labels: Int32Array | Float32Array) => Float32Array {
  const isHinge = name === 'hinge' || name === 'squared_hinge';
  const isCategorical = (CROSS_ENTROPIES[name] ?? FOCAL[name]) === 'softmax';
  const low = isHinge ? -1 : isCategorical ? smoothing / units : smoothing / 2;
  const high = isHinge ? 1 : isCategorical ? 1 - smoothing + smoothing / units : 1 - smoothing / 2;
  if (units === 1) {
    const isTwoClass = isHinge || (CROSS_ENTROPIES[name] ?? FOCAL[name]) === 'sigmoid';
    return (labels) => Float32Array.from(labels, (label) => (isTwoClass ? (label > 0 ? high : low) : label));
  }
  return (labels) => {
    const rows = new Float32Array(labels.length * units).fill(low);
    labels.forEach((label, i) => (rows[i * units + label] = high));
    return rows;
  };
}

/** What the file names, and for masks the mean intersection over union: most pixels are background, whose share accuracy is mostly about. */
function metricsOf(spec: ModelSpec, units: number, targets: ReturnType<typeof targetsOf>, notes: string[]): Metric[] {
  const isInput = targets === 'input';
  const usual = { labels: ['accuracy'], input: [], masks: ['accuracy', 'mean_io_u'] }[targets];
  const wanted = [...usual, ...spec.training.metrics];
  const metrics = new Map<string, Metric>();
  for (const name of wanted) {
    if (isInput && /acc(uracy)?$/i.test(name)) {
      notes.push(`The metric ${name} counts right classes; this model has none, so its loss is what tells how well it does.`);
      continue;
    }
    const metric = metricNamed(name, units);
    if (!metric) notes.push(`The metric ${name} is not computed here.`);
    else if (!metrics.has(metric.name)) metrics.set(metric.name, metric);
  }
  return [...metrics.values()];
}
