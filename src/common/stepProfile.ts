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
