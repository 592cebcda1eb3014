import * as tfc from '@tensorflow/tfjs-core';
import type { KnockOut, RightCount } from '../../common/probeProtocol';
import { signTest, wilsonInterval } from '../../insight/proportions';
import type { Batch } from '../batches';
import type { MetricBatch } from '../metrics';
import type { Network } from '../network';
import { copyValues, peekValues } from '../tensorMemory';
import { breathe, withWeights } from './probeState';
import type { ProbeTarget } from './probeTarget';
import { countOf, heldOut, range, readImages } from './sampleImages';

const MAX_IMAGES = 5000;
const BATCH = 64;

/** One of two networks: its weights, and how its forward pass is done. */
export interface Variant {
  weights: readonly Float32Array[];
  run<T>(pass: () => T): T;
}

/** @throws Error, in words for a person, when the model has no accuracy. */
export function refuseWithoutAccuracy({ network }: ProbeTarget): void {
  if (network.objective.isPerPixel)
    throw new Error('This model tells the class of every pixel: how many images it gets right can’t be counted.');
  if (!network.objective.metrics.some((m) => m.name.includes('accuracy')))
    throw new Error('This model does not classify, so there is no accuracy to lose.');
}

/** Two networks on the same held-out images, image by image, so that a small difference is told from chance. */
export async function compareNetworks(
  { network, dataset }: ProbeTarget,
  step: number,
  whole: Variant,
  less: Variant,
  signal: AbortSignal,
): Promise<Omit<KnockOut, 'at'>> {
  const split = heldOut(dataset);
  const images = Math.min(MAX_IMAGES, countOf(dataset, split));
  const tally = { both: 0, lost: 0, gained: 0, loss: [0, 0] };
  for (let from = 0; from < images; from += BATCH) {
    const batch = await readImages(dataset, split, range(from, Math.min(BATCH, images - from)));
    await breathe(signal);
    const [a, b] = [whole, less].map(({ weights, run }) =>
      withWeights(network.built, weights, step, () => run(() => rightOf(network, batch))),
    );
    tally.loss[0] += a.loss * batch.count;
    tally.loss[1] += b.loss * batch.count;
    a.right.forEach((isRight, i) => {
      if (isRight && b.right[i]) tally.both++;
      else if (isRight) tally.lost++;
      else if (b.right[i]) tally.gained++;
    });
  }
  const { both, lost, gained, loss } = tally;
  return {
    step,
    split,
    images,
    with: rightCount(both + lost, images, loss[0] / images),
    without: rightCount(both + gained, images, loss[1] / images),
    lost,
    gained,
    pValue: signTest(lost, gained),
  };
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

function isRight({ units, targets, predictions, threshold }: MetricBatch, row: number): boolean {
  if (units === 1) return predictions[row] > threshold === targets[row] > 0;
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
