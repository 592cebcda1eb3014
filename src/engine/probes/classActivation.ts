import * as tfc from '@tensorflow/tfjs-core';
import type { ClassActivation, ProbeCalls } from '../../common/probeProtocol';
import { copyValues } from '../tensorMemory';
import { channelAxis, interceptLayer, layerAt } from './interceptLayer';
import { pictureOf } from './kernelSight';
import { tidied, withWeights } from './probeState';
import { networkAt, type ProbeTarget } from './probeTarget';
import { countOf, heldOut, readImages } from './sampleImages';

/**
 * Grad-CAM (Selvaraju et al. 2017): each kernel's map, weighted by how much the class score (before softmax or sigmoid) rises with it on
 * average over the map, summed, and cut off at 0.
 */
export async function classActivation(
  target: ProbeTarget,
  { layer: path, index, label: wanted, step: at }: ProbeCalls['classActivation']['params'],
  signal: AbortSignal,
): Promise<ClassActivation> {
  const { network, dataset } = target;
  const { objective, built } = network;
  if (!objective.isClassifier) throw new Error('This model does not classify, so there is no class whose reasons could be looked for.');
  const layer = layerAt(built.model, path);
  const split = heldOut(dataset);
  const available = countOf(dataset, split);
  const chosen = index ?? 0;
  if (!(Number.isInteger(chosen) && chosen >= 0 && chosen < available))
    throw new Error(`there is no ${split} image ${chosen}: choose one from 0 to ${available - 1}`);
  const batch = await readImages(dataset, split, [chosen]);
  signal.throwIfAborted();
  const { step, weights } = await networkAt(target, at);
  const answer = withWeights(built, weights, step, () => tidied(() => copyValues(network.forward(batch, false).output)));
  const image = pictureOf(batch, 0, chosen, network.measure(batch, answer.slice()).predictions, objective);
  const label = wanted ?? image.predicted?.label ?? 0;
  const found = withWeights(built, weights, step, () => {
    let maps: { values: Float32Array; shape: number[] } | null = null;
    const score = (added: tfc.Tensor | null): tfc.Scalar => {
      const change = (y: tfc.Tensor): tfc.Tensor => {
        maps ??= { values: copyValues(y), shape: y.shape };
        return added ? tfc.add(y, added) : y;
      };
      return interceptLayer(layer, change, () => classScore(network.forward(batch, false).output, label));
    };
    tfc.tidy(() => void score(null));
    const { values, shape } = maps!;
    if (shape.length !== 4) throw new Error(`${path} makes no maps, so it cannot say where something is. Choose a convolution.`);
    const slopes = tidied(() => copyValues(tfc.grad((d: tfc.Tensor) => score(d))(tfc.zeros(shape))));
    return { values, slopes, shape };
  });
  return { step, split, available, image, imageShape: dataset.info.inputShape, label, ...weighed(found, channelAxis(layer, 4)) };
}

/** A single output speaks for class 1, its negative for class 0. */
function classScore(output: tfc.Tensor2D, label: number): tfc.Scalar {
  const [, units] = output.shape;
  if (units === 1) return tfc.sum(label === 1 ? output : tfc.neg(output)) as tfc.Scalar;
  if (!(Number.isInteger(label) && label >= 0 && label < units)) throw new Error(`there is no class ${label}; the model has ${units}`);
  return tfc.sum(tfc.slice(output, [0, label], [1, 1])) as tfc.Scalar;
}

function weighed(
  { values, slopes, shape }: { values: Float32Array; slopes: Float32Array; shape: number[] },
  axis: number,
): Pick<ClassActivation, 'map' | 'values' | 'weights'> {
  const channels = shape[axis];
  const [rows, columns] = axis === 1 ? shape.slice(2) : shape.slice(1, 3);
  const places = rows * columns;
  const at = (place: number, channel: number): number => (axis === 1 ? channel * places + place : place * channels + channel);
  const weights = new Float32Array(channels);
  for (let c = 0; c < channels; c++) for (let p = 0; p < places; p++) weights[c] += slopes[at(p, c)] / places;
  const result = Float32Array.from({ length: places }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += weights[c] * values[at(p, c)];
    return Math.max(0, sum);
  });
  return { map: [rows, columns], values: result, weights };
}
