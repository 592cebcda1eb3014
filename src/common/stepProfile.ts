/** Where a step of training spends its time, measured kernel by kernel; milliseconds per step. */
export interface StepProfile {
  /** In the order of the forward pass; the layer named `loss` is what comes after the last. */
  layers: LayerTime[];
  /** The optimiser, over all weights. */
  update: number;
  /** The whole step, as it is run in training. */
  step: number;
  /** How it is run in training: as one planned program, or call by call. */
  isPlanned: boolean;
}

export interface LayerTime {
  layer: string;
  forward: number;
  backward: number;
}

/** All that was measured kernel by kernel, in milliseconds. */
export function measuredMs({ layers, update }: StepProfile): number {
  return layers.reduce((sum, l) => sum + l.forward + l.backward, update);
}

/** A layer's share of what was measured, 0 to 1; null for one that computes nothing. */
export function shareOfStep(profile: StepProfile, layer: string): number | null {
  const time = profile.layers.find((l) => l.layer === layer);
  return time ? (time.forward + time.backward) / measuredMs(profile) : null;
}
