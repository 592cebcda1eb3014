import type { DifferenceCheck, WeightPlace } from '../../common/probeProtocol';
import { statistics } from '../../common/stats';
import { batchLoss } from './batchLoss';
import { breathe, withWeights } from './probeState';
import { parameterOf, wholeState, type ProbeTarget } from './probeTarget';
import { weightGradient } from './weightGradient';

/** Steps as parts of the spread of the layer's weights: rounding spoils small ones, curvature and kinks large ones. */
const PARTS = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

/**
 * Checks one weight's gradient against centred finite differences of the loss on the same batch, with the same dropout masks.
 * The relative error is |a - n| / max(|a|, |n|) (cs231n), 0 when both are 0.
 */
export async function checkGradient(
  target: ProbeTarget,
  { layer, weight, offset, step: at }: WeightPlace,
  signal: AbortSignal,
): Promise<DifferenceCheck> {
  const { network, batches } = target;
  const { parameter, index } = parameterOf(target, layer, weight);
  if (!parameter.isTrained) throw new Error(`${layer}/${weight} gets no gradient: it is not changed by the optimiser.`);
  const state = await wholeState(target, at);
  const batch = await batches.batchOf(state.step - 1);
  signal.throwIfAborted();
  const { weights, step } = state;
  const gradient = withWeights(network.built, weights, step, () => weightGradient(network, batch, parameter, offset));
  const value = weights[index][offset];
  const scale = Math.max(statistics(weights[index]).std, 0.01);
  const lossAt = (w: number): number =>
    withWeights(network.built, moved(weights, index, offset, w), step, () => batchLoss(network, batch, true));
  const here = lossAt(value);
  const trials: DifferenceCheck['trials'] = [];
  const bends: number[] = [];
  for (const part of PARTS) {
    await breathe(signal);
    // What float32 makes of the two places is what lies between them.
    const [low, high] = [Math.fround(value - part * scale), Math.fround(value + part * scale)];
    const [left, right] = [lossAt(low), lossAt(high)];
    const difference = (right - left) / (high - low);
    trials.push({ h: (high - low) / 2, difference, relativeError: relativeError(gradient, difference) });
    bends.push(left - 2 * here + right);
  }
  return { about: { step, kind: state.kind, images: batch.count }, gradient, trials, ...leastUncertain(trials, bends) };
}

/** The weights with one of them changed. */
export function moved(weights: readonly Float32Array[], index: number, offset: number, value: number): Float32Array[] {
  return weights.map((w, i) => {
    if (i !== index) return w;
    const changed = new Float32Array(w);
    changed[offset] = value;
    return changed;
  });
}

function relativeError(a: number, n: number): number {
  const size = Math.max(Math.abs(a), Math.abs(n));
  return size === 0 ? 0 : Math.abs(a - n) / size;
}

/**
 * The trial that is least uncertain by itself. Rounding: so close together the curve is straight, so what bend is left in the two
 * smallest trials is noise of the losses (its standard deviation times the root of 6), which counts the more the smaller h is.
 * Curvature and kinks: how much the result changes with h, taken as in proportion to h. And never less than what the next larger and
 * smaller h say instead.
 */
function leastUncertain(trials: DifferenceCheck['trials'], bends: number[]): { chosen: number; uncertainty: number } {
  const noise = Math.hypot(...bends.slice(-2)) / Math.sqrt(2 * 6);
  const changes = trials.slice(1).map(({ difference }, i) => Math.abs(difference - trials[i].difference) / trials[i].h);
  const change = changes.sort((a, b) => a - b)[Math.floor(changes.length / 2)];
  const offBy = trials.map(({ h, difference }, i) => {
    const beside = [trials[i - 1], trials[i + 1]].filter(Boolean).map((t) => Math.abs(t.difference - difference));
    return Math.max(noise / (Math.SQRT2 * h) + change * h, ...beside);
  });
  // Kinks matter the less the smaller h is: the smallest that rounding leaves good to 3 in 1000.
  const clear = trials.map(({ h, difference }) => noise / (Math.SQRT2 * h) <= 0.003 * Math.abs(difference)).lastIndexOf(true);
  const chosen = Math.max(clear, offBy.indexOf(Math.min(...offBy)));
  const size = Math.abs(trials[chosen].difference);
  return { chosen, uncertainty: offBy[chosen] === 0 ? 0 : offBy[chosen] / Math.max(size, Number.MIN_VALUE) };
}
