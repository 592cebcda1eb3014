import type { SymbolicTensor } from '../tensor';
import type { NetBuilder } from './netBuilder';

/** What the caller of an application asked for. */
export interface TopOptions {
  includeTop: boolean;
  classes: number;
  activation: string;
  /** `avg`, `max` or null; only without the top. */
  pooling: string | null;
}

/** One network of keras.applications. */
export interface Architecture {
  /** Name of the model. */
  name: string;
  /** Height and width of its images when nothing else is said. */
  size: number;
  /** Layers from the images to the last feature map. */
  body(b: NetBuilder, x: SymbolicTensor): SymbolicTensor;
  /** Layers from there to the classes. */
  top(b: NetBuilder, x: SymbolicTensor, options: TopOptions): SymbolicTensor;
}

/** Average over the image, then a dense layer: the usual end. */
export function averageTop(pool: string, predictions = 'predictions', dropout = 0, dropoutName = 'top_dropout'): Architecture['top'] {
  return (b, x, { classes, activation }) => {
    let y = b.use('GlobalAveragePooling2D', x, { name: pool });
    if (dropout > 0) y = b.use('Dropout', y, { rate: dropout, name: dropoutName });
    return b.use('Dense', y, { units: classes, activation, name: predictions });
  };
}
