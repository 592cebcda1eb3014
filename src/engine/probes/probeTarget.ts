import type { Dataset } from '../../data/dataset';
import type { Batches } from '../batches';
import type { Network } from '../network';
import type { Parameter } from '../parameter';
import { copyWeights, type ProbeState } from './probeState';

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

/** The weights after a step, to be looked at as a whole network; without a number the newest. */
export async function networkAt(target: ProbeTarget, step?: number): Promise<{ step: number; weights: readonly Float32Array[] }> {
  if (step === undefined) return { step: target.stepsTaken, weights: copyWeights(target.network.built.parameters) };
  const { weights, taken } = await target.state(step);
  return { step, weights: taken?.after ?? weights };
}

/** @throws Error when the model has no such weight. */
export function parameterOf({ network }: ProbeTarget, layer: string, weight: string): { parameter: Parameter; index: number } {
  const { parameters } = network.built;
  const index = parameters.findIndex((p) => p.layer === layer && p.name === weight);
  if (index < 0) throw new Error(`the model has no weight ${layer}/${weight}`);
  return { parameter: parameters[index], index };
}
