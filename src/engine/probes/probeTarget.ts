import type { Dataset } from '../../data/dataset';
import type { Batches } from '../batches';
import type { Network } from '../network';
import type { Parameter } from '../parameter';
import type { ProbeState } from './probeState';

/** The run that probes look into. */
export interface ProbeTarget {
  network: Network;
  dataset: Dataset;
  batches: Batches;
  /** The newest step, as it was computed. */
  state(): Promise<ProbeState>;
  /** Steps taken so far. */
  readonly stepsTaken: number;
}

/** @throws Error when the model has no such weight. */
export function parameterOf({ network }: ProbeTarget, layer: string, weight: string): { parameter: Parameter; index: number } {
  const { parameters } = network.built;
  const index = parameters.findIndex((p) => p.layer === layer && p.name === weight);
  if (index < 0) throw new Error(`the model has no weight ${layer}/${weight}`);
  return { parameter: parameters[index], index };
}
