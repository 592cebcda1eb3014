import type { LayerInfo } from '../../src/common/modelSpec';

/** One measurement: a model, read from its Keras source, and how long to train it on batches of random images. */
export interface Job {
  /** Keras source, which defines `model`. */
  source: string;
  /** The same model as it was read from the source. */
  layers: LayerInfo[];
  /** Shape of one example. */
  input: (number | null)[];
  batch: number;
  /** Keras's name of the loss. */
  loss: string;
  /** Keras's name of the optimiser. */
  optimizer: string;
  seconds: number;
}

/** What an engine answers. */
export interface Answer {
  /** Median milliseconds of one step. */
  ms?: number;
  error?: string;
  /** What else there is to say. */
  note?: string;
}
