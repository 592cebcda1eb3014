/** What a layer with a bounded or rectified activation gives out on some images. */
export interface OutputSample {
  layer: string;
  activation: string;
  units: number;
  /** Values looked at per unit. */
  samples: number;
  /** Units that gave exactly zero for every one of them. */
  neverActive: number[];
  /** Share of all values at the flat ends of the activation, where its derivative is below 5 % of its largest; null if it has no such ends. */
  saturated: number | null;
}
