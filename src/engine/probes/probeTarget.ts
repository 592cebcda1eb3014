import type { Dataset } from '../../data/dataset';
import type { Batches } from '../batches';
import type { Network } from '../network';
import { parameterKey, type Parameter } from '../parameter';
import { currentWeights, type ProbeState } from './probeState';

/** The run that probes look into. */
export interface ProbeTarget {
  network: Network;
  dataset: Dataset;
  batches: Batches;
  /**
   * A stored step as it was computed; without a number the newest.
   * @throws Error, in words for a person, when it can't be put together again.
   */
  state(step?: number): Promise<ProbeState>;
  /** Steps taken so far. */
  readonly stepsTaken: number;
}

/**
 * A step with all of its weights.
 * @throws Error, in words for a person, when some are not known any more.
 */
export async function wholeState(target: ProbeTarget, step?: number): Promise<ProbeState> {
  const state = await target.state(step);
  refuseMissing(state.missing, step);
  return state;
}

/**
 * The weights after a step, to be looked at as a network; without a number the newest.
 * @param mayMiss whether a parameter's weights may be those of now
 * @returns isWhole: all weights are of that step
 */
export async function networkAt(
  target: ProbeTarget,
  step?: number,
  mayMiss: (parameter: Parameter) => boolean = () => false,
): Promise<{ step: number; weights: readonly Float32Array[]; isWhole: boolean }> {
  if (step === undefined) {
    const now = target.stepsTaken;
    return { step: now, weights: await currentWeights(target.network.built), isWhole: true };
  }
  const { weights, taken, missing = [] } = await target.state(step);
  refuseMissing(
    missing.filter((p) => !mayMiss(p)),
    step,
  );
  return { step, weights: taken?.after ?? weights, isWhole: missing.length === 0 };
}

function refuseMissing(missing: readonly Parameter[] = [], step = 0): void {
  if (missing.length === 0) return;
  const [first] = missing;
  throw new Error(
    `The frame of step ${step} leaves out ${parameterKey(first)}, whose ${first.size.toLocaleString('en-US')} weights are too many to store at every step, so the network of that step can’t be put together again. Go to the newest step to see this.`,
  );
}

/** @throws Error when the model has no such weight. */
export function parameterOf({ network }: ProbeTarget, layer: string, weight: string): { parameter: Parameter; index: number } {
  const { parameters } = network.built;
  const index = parameters.findIndex((p) => p.layer === layer && p.name === weight);
  if (index < 0) throw new Error(`the model has no weight ${layer}/${weight}`);
  return { parameter: parameters[index], index };
}
