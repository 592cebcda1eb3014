import * as tfc from '@tensorflow/tfjs-core';
import type { ConvolutionDetail, KernelMap, KernelSight, ProbeCalls, Split } from '../../common/probeProtocol';
import type { Dataset } from '../../data/dataset';
import type { Batch } from '../batches';
import { activate } from '../network';
import type { Objective } from '../objective';
import { copyValues } from '../tensorMemory';
import { Convolution2D } from '../layers/convolution';
import { channelAxis, interceptLayer, isBehind, layerAt } from './interceptLayer';
import { withWeights } from './probeState';
import { networkAt, type ProbeTarget } from './probeTarget';
import { countOf, heldOut, range, readImages } from './sampleImages';

const MAX_IMAGES = 32;
/** Images looked through for one of each class. */
const MAX_SEARCHED = 4096;
/** Larger inputs of a layer are not sent for the arithmetic. */
const MAX_DETAIL = 1_000_000;

/** What a kernel makes of images now, as at prediction, and the numbers of its convolution on one of them. */
export async function kernelSight(
  target: ProbeTarget,
  { layer: path, filter, split: wanted, indices, detail, step: at }: ProbeCalls['kernelSight']['params'],
  signal: AbortSignal,
): Promise<KernelSight> {
  const { network, dataset } = target;
  const layer = layerAt(network.built.model, path);
  const split = wanted ?? heldOut(dataset);
  const chosen = indices ? checked(dataset, split, indices) : await firstOfEachClass(dataset, split, signal);
  const batch = await readImages(dataset, split, chosen);
  signal.throwIfAborted();
  // What comes behind the layer matters for the network's answer only.
  const { step, weights, isWhole } = await networkAt(target, at, isBehind(layer, path));
  let sight: Pick<KernelSight, 'map' | 'images' | 'detail'> | undefined;
  const look = (): void => {
    let seen: { input: tfc.Tensor; output: tfc.Tensor } | undefined;
    const { output } = interceptLayer(
      layer,
      (made, input) => {
        seen ??= { input: tfc.keep(tfc.clone(input)), output: tfc.keep(tfc.clone(made)) };
        return made;
      },
      () => network.forward(batch, false),
    );
    if (!seen) throw new Error(`${path} takes no part in the model's output`);
    try {
      const predictions = network.measure(batch, copyValues(output)).predictions;
      const { map, maps } = mapsOf(layer, seen.output, filter, path);
      sight = {
        map,
        images: maps.map((values, i) => ({
          ...pictureOf(batch, i, chosen[i], predictions, isWhole ? network.objective : null),
          values,
        })),
        detail: detailOf(layer, seen.input, filter, Math.min(Math.max(0, detail), batch.count - 1)),
      };
    } finally {
      tfc.dispose([seen.input, seen.output]);
    }
  };
  withWeights(network.built, weights, step, () => tfc.tidy(look));
  if (!sight) throw new Error(`${path} could not be looked at`);
  return { step, split, available: countOf(dataset, split), imageShape: dataset.info.inputShape, ...sight };
}

function checked(dataset: Dataset, split: Split, indices: number[]): number[] {
  const count = countOf(dataset, split);
  const wrong = indices.find((i) => !(Number.isInteger(i) && i >= 0 && i < count));
  if (wrong !== undefined) throw new Error(`there is no ${split} image ${wrong}: choose one from 0 to ${count - 1}`);
  if (indices.length === 0 || indices.length > MAX_IMAGES) throw new Error(`choose 1 to ${MAX_IMAGES} images`);
  return indices;
}

/** In the order of the classes; classes that don't occur early on are left out. */
async function firstOfEachClass(dataset: Dataset, split: Split, signal: AbortSignal): Promise<number[]> {
  const found = new Map<number, number>();
  const classes = Math.min(MAX_IMAGES, dataset.info.classNames.length);
  const count = Math.min(MAX_SEARCHED, countOf(dataset, split));
  for (let from = 0; from < count && found.size < classes; from += 64) {
    const { labels } = await readImages(dataset, split, range(from, Math.min(64, count - from)));
    labels.forEach((label, i) => {
      if (!found.has(label) && found.size < classes) found.set(label, from + i);
    });
    signal.throwIfAborted();
  }
  return [...found].sort(([a], [b]) => a - b).map(([, index]) => index);
}

/** One channel of a layer's outputs, image by image. */
export function mapsOf(
  layer: ReturnType<typeof layerAt>,
  output: tfc.Tensor,
  filter: number,
  path: string,
): { map: [number, number]; maps: Float32Array[] } {
  const { shape } = output;
  const axis = channelAxis(layer, shape.length);
  const channels = shape[axis];
  if (!(Number.isInteger(filter) && filter >= 0 && filter < channels))
    throw new Error(`${path} has no output channel ${filter}; it has ${channels}`);
  const begin = shape.map((_, i) => (i === axis ? filter : 0));
  const size = shape.map((n, i) => (i === axis ? 1 : n));
  const values = copyValues(tfc.slice(output, begin, size));
  const places = shape.filter((_, i) => i > 0 && i !== axis);
  const columns = places.at(-1) ?? 1;
  const perImage = values.length / shape[0];
  return {
    map: [perImage / columns, columns],
    maps: Array.from({ length: shape[0] }, (_, i) => values.slice(i * perImage, (i + 1) * perImage)),
  };
}

/** An image and what the model says of it. */
export function pictureOf(
  batch: Batch,
  i: number,
  index: number,
  predictions: Float32Array,
  objective: Pick<Objective, 'isClassifier' | 'readout'> | null,
): Omit<KernelMap, 'values'> {
  const pixels = batch.inputs.length / batch.count;
  const units = predictions.length / batch.count;
  const outputs = predictions.subarray(i * units, (i + 1) * units);
  return {
    index,
    label: batch.labels[i],
    predicted: objective?.isClassifier ? predictedOf(probabilities(outputs, objective.readout)) : null,
    pixels: batch.inputs.slice(i * pixels, (i + 1) * pixels),
  };
}

function probabilities(outputs: Float32Array, readout: Objective['readout']): Float32Array {
  if (readout === null) return outputs;
  const result = outputs.slice();
  activate(result, result.length, readout);
  return result;
}

function predictedOf(outputs: Float32Array): KernelMap['predicted'] {
  if (outputs.length === 1) return { label: outputs[0] > 0.5 ? 1 : 0, output: outputs[0] > 0.5 ? outputs[0] : 1 - outputs[0] };
  const label = outputs.indexOf(outputs.reduce((a, b) => Math.max(a, b)));
  return { label, output: outputs[label] };
}

function detailOf(layer: ReturnType<typeof layerAt>, input: tfc.Tensor, filter: number, image: number): ConvolutionDetail | null {
  if (!(layer instanceof Convolution2D)) return null;
  const { kernel, bias, windows, dataFormat, activationName } = layer;
  const { strides, dilations, padding } = windows;
  // Kernels of groups see a part of the channels only.
  if (dataFormat !== 'channelsLast' || padding === 'causal' || input.rank !== 4 || kernel.shape[2] !== input.shape[3]) return null;
  const [, height, width, channels] = input.shape;
  if (height * width * channels > MAX_DETAIL) return null;
  const [kh, kw, cin, filters] = kernel.read().shape;
  const pairs = { strides: strides as [number, number], dilations: dilations as [number, number] };
  const info = tfc.backend_util.computeConv2DInfo(
    input.shape as [number, number, number, number],
    [kh, kw, cin, filters],
    pairs.strides,
    pairs.dilations,
    padding ?? 'valid',
  );
  const all = copyValues(kernel.read());
  return {
    image,
    input: copyValues(tfc.slice(input, [image, 0, 0, 0], [1, height, width, channels])),
    inputShape: [height, width, channels],
    kernel: Float32Array.from({ length: kh * kw * cin }, (_, i) => all[i * filters + filter]),
    kernelShape: [kh, kw, cin],
    bias: bias ? copyValues(bias.read())[filter] : 0,
    ...pairs,
    pad: [info.padInfo.top, info.padInfo.left],
    activation: activationName,
  };
}
