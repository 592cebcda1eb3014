import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { KnockOut, ProbeCalls, RightCount } from '../../common/probeProtocol';
import { signTest, wilsonInterval } from '../../insight/proportions';
import type { Batch } from '../batches';
import type { MetricBatch } from '../metrics';
import type { Network } from '../network';
import { copyValues, peekValues } from '../tensorMemory';
import { channelAxis, interceptLayer, layerAt } from './interceptLayer';
import { breathe, currentWeights, withWeights } from './probeState';
import type { ProbeTarget } from './probeTarget';
import { countOf, heldOut, range, readImages } from './sampleImages';

const MAX_IMAGES = 5000;
const BATCH = 64;
/** Layers that work on each channel alone: what takes a kernel out goes behind them, or they would make something of the zero. */
const PER_CHANNEL = /^(BatchNorm|Activation|ReLU|LeakyReLU|PReLU|ELU|ThresholdedReLU|Seeded\w*Dropout|SeededGaussianNoise)$/;

/**
 * Accuracy on held-out images with a kernel and without it (its output zeroed, or another kernel's in its place), image by image, so
 * that a small difference is told from chance.
 */
export async function knockOut(
  target: ProbeTarget,
  { layer: path, filter, instead }: ProbeCalls['knockOut']['params'],
  signal: AbortSignal,
): Promise<KnockOut> {
  const { network, dataset } = target;
  if (!network.objective.metrics.some((m) => m.name.includes('accuracy')))
    throw new Error('This model does not classify, so there is no accuracy to lose.');
  const own = layerAt(network.built.model, path);
  const ends = new Set(network.built.model.outputs.map((o) => o.sourceLayer));
  const at = lastPerChannel(own, ends);
  if (ends.has(at)) throw new Error(`${path} makes the model's answer itself: without it there is nothing to be right about.`);
  const split = heldOut(dataset);
  const images = Math.min(MAX_IMAGES, countOf(dataset, split));
  // Training may go on in between: all images see the same weights.
  const step = target.stepsTaken;
  const weights = await currentWeights(network.built);
  const tally = { both: 0, lost: 0, gained: 0, loss: [0, 0] };
  const takeOut = (y: tfc.Tensor): tfc.Tensor => replaceChannel(y, channelAxis(own, y.rank), filter, instead, path);
  for (let from = 0; from < images; from += BATCH) {
    const batch = await readImages(dataset, split, range(from, Math.min(BATCH, images - from)));
    await breathe(signal);
    const [whole, less] = withWeights(network.built, weights, step, () => [
      rightOf(network, batch),
      interceptLayer(at, takeOut, () => rightOf(network, batch)),
    ]);
    tally.loss[0] += whole.loss * batch.count;
    tally.loss[1] += less.loss * batch.count;
    whole.right.forEach((isRight, i) => {
      if (isRight && less.right[i]) tally.both++;
      else if (isRight) tally.lost++;
      else if (less.right[i]) tally.gained++;
    });
  }
  const { both, lost, gained, loss } = tally;
  return {
    step,
    split,
    images,
    at: at.name,
    with: rightCount(both + lost, images, loss[0] / images),
    without: rightCount(both + gained, images, loss[1] / images),
    lost,
    gained,
    pValue: signTest(lost, gained),
  };
}

/** The last of the layers that follow one by one and keep channels apart. */
function lastPerChannel(layer: tfl.layers.Layer, ends: ReadonlySet<tfl.layers.Layer>): tfl.layers.Layer {
  let last = layer;
  for (;;) {
    const next = last.outboundNodes.length === 1 ? last.outboundNodes[0].outboundLayer : null;
    if (!next || next.inboundNodes.length !== 1 || !PER_CHANNEL.test(next.getClassName()) || ends.has(next)) return last;
    last = next;
  }
}

function replaceChannel(y: tfc.Tensor, axis: number, filter: number, instead: number | null, path: string): tfc.Tensor {
  const channels = y.shape[axis];
  for (const channel of [filter, instead ?? 0])
    if (!(Number.isInteger(channel) && channel >= 0 && channel < channels))
      throw new Error(`${path} has no kernel ${channel}; it has ${channels}`);
  const order = Int32Array.from({ length: channels }, (_, i) => (i === filter ? (instead ?? i) : i));
  if (instead !== null) return tfc.gather(y, tfc.tensor1d(order, 'int32'), axis);
  const mask = Float32Array.from({ length: channels }, (_, i) => (i === filter ? 0 : 1));
  return tfc.mul(
    y,
    tfc.tensor(
      mask,
      y.shape.map((_, i) => (i === axis ? channels : 1)),
    ),
  );
}

function rightOf(network: Network, batch: Batch): { right: boolean[]; loss: number } {
  return tfc.tidy(() => {
    const { loss, output } = network.forward(batch, false);
    const measured = network.measure(batch, copyValues(output));
    return {
      right: Array.from({ length: batch.count }, (_, i) => isRight(measured, i * measured.units)),
      loss: peekValues(loss, ([v]) => v),
    };
  });
}

function isRight({ units, targets, predictions }: MetricBatch, row: number): boolean {
  if (units === 1) return predictions[row] > 0.5 === targets[row] > 0;
  const best = (values: Float32Array): number => {
    let at = 0;
    for (let i = 1; i < units; i++) if (values[row + i] > values[row + at]) at = i;
    return at;
  };
  return best(targets) === best(predictions);
}

function rightCount(right: number, images: number, loss: number): RightCount {
  const [low, high] = wilsonInterval(right, images);
  return { right, accuracy: right / images, low, high, loss };
}
