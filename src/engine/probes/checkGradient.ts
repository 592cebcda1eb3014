import type { DifferenceCheck, WeightPlace } from '../../common/probeProtocol';
import { statistics } from '../../common/stats';
import { batchLoss } from './batchLoss';
import { breathe, withWeights } from './probeState';
import { parameterOf, type ProbeTarget } from './probeTarget';
import { weightGradient } from './weightGradient';

/** Steps as parts of the spread of the layer's weights: rounding spoils small ones, curvature and kinks large ones. */
const PARTS = [0.3, 0.1, 0.03, 0.01, 0.003];

/**
 * Checks one weight's gradient against centred finite differences of the loss on the same batch, with the same dropout masks.
 * The relative error is |a - n| / max(|a|, |n|) (cs231n), 0 when both are 0.
 */
export async function checkGradient(
  target: ProbeTarget,
  { layer, weight, offset }: WeightPlace,
  signal: AbortSignal,
): Promise<DifferenceCheck> {
  const { network, batches } = target;
  const { parameter, index } = parameterOf(target, layer, weight);
  if (!parameter.isTrained) throw new Error(`${layer}/${weight} gets no gradient: it is not changed by the optimiser.`);
  const state = await target.state();
  const batch = await batches.batchOf(state.step - 1);
  signal.throwIfAborted();
  const { weights, step } = state;
  const gradient = withWeights(network.built, weights, step, () => weightGradient(network, batch, parameter, offset));
  const value = weights[index][offset];
  const scale = Math.max(statistics(weights[index]).std, 0.01);
  const lossAt = (w: number): number =>
    withWeights(network.built, moved(weights, index, offset, w), step, () => batchLoss(network, batch, true));
  const trials: DifferenceCheck['trials'] = [];
  for (const part of PARTS) {
    await breathe(signal);
    // What float32 makes of the two places is what lies between them.
    const [low, high] = [Math.fround(value - part * scale), Math.fround(value + part * scale)];
    const difference = (lossAt(high) - lossAt(low)) / (high - low);
    trials.push({ h: (high - low) / 2, difference, relativeError: relativeError(gradient, difference) });
  }
  return { about: { step, kind: state.kind, images: batch.count }, gradient, trials, chosen: steadiest(trials.map((t) => t.difference)) };
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

/** Index of the value that differs least from those beside it. */
function steadiest(values: number[]): number {
  const change = values.map((v, i) =>
    Math.max(...[i - 1, i + 1].filter((j) => j >= 0 && j < values.length).map((j) => Math.abs(values[j] - v))),
  );
  return change.indexOf(Math.min(...change));
}
