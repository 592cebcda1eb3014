import type { LossSlice, WeightPlace } from '../../common/probeProtocol';
import { statistics } from '../../common/stats';
import { batchLoss } from './batchLoss';
import { moved } from './checkGradient';
import { breathe, withWeights, type ProbeState } from './probeState';
import { parameterOf, wholeState, type ProbeTarget } from './probeTarget';
import { heldOut, countOf, range, readImages } from './sampleImages';
import { weightGradient } from './weightGradient';

const POINTS = 33;
const FEWEST_POINTS = 9;
/** Images that the loss at prediction is computed on. */
const SAMPLE = 256;
/** Large models get fewer points, so that the answer comes in about this time. */
const BUDGET_MS = 8000;

/**
 * The loss as a function of one weight, on the step's own batch as in training and on images that stay the same, all other weights as
 * they were before the step.
 */
export async function lossSlice(
  target: ProbeTarget,
  { layer, weight, offset, halfWidth, step: at }: WeightPlace & { halfWidth: number | null },
  signal: AbortSignal,
): Promise<LossSlice> {
  const { network, batches, dataset } = target;
  const { parameter, index } = parameterOf(target, layer, weight);
  if (!parameter.isTrained) throw new Error(`${layer}/${weight} is not changed by the optimiser, so there is no step downhill.`);
  const state = await wholeState(target, at);
  const batch = await batches.batchOf(state.step - 1);
  const split = heldOut(dataset);
  const sample = await readImages(dataset, split, range(0, Math.min(SAMPLE, countOf(dataset, split))));
  signal.throwIfAborted();
  const { weights, step, taken } = state;
  const value = weights[index][offset];
  const gradient = withWeights(network.built, weights, step, () => weightGradient(network, batch, parameter, offset));
  const after = taken?.after[index][offset] ?? null;
  const lossesAt = (w: number): [number, number] =>
    withWeights(network.built, moved(weights, index, offset, w), step, () => [
      batchLoss(network, batch, true),
      batchLoss(network, sample, false),
    ]);
  const started = performance.now();
  const here = lossesAt(value);
  const points = pointsFor(performance.now() - started);
  const half = halfWidth ?? usualHalfWidth(state, index, value, after);
  if (!(half > 0 && Number.isFinite(half))) throw new Error(`the loss can't be looked at within ${half} of the weight`);
  const places = Array.from({ length: points }, (_, i) => Math.fround(value + (half * (2 * i - points + 1)) / (points - 1)));
  const losses: [number, number][] = [];
  for (const w of places) {
    await breathe(signal);
    losses.push(w === value ? here : lossesAt(w));
  }
  return {
    about: { step, kind: state.kind, images: batch.count },
    value,
    after,
    gradient,
    weights: places,
    batch: { losses: losses.map(([l]) => l), here: here[0] },
    sample: { split, images: sample.count, losses: losses.map(([, l]) => l), here: here[1] },
  };
}

/** Wide enough to see the valley, narrow enough to see the step. */
function usualHalfWidth({ weights }: ProbeState, index: number, value: number, after: number | null): number {
  return Math.max(12 * Math.abs((after ?? value) - value), 0.5 * statistics(weights[index]).std, 0.01);
}

/** An odd number, so that the weight itself is in the middle. */
function pointsFor(ms: number): number {
  const affordable = Math.floor(BUDGET_MS / Math.max(1, ms));
  const points = Math.max(FEWEST_POINTS, Math.min(POINTS, affordable));
  return points % 2 === 1 ? points : points - 1;
}
