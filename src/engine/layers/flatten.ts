import { layerClass } from './layerClasses';
import type { LayerConfig } from './noiseLayer';

const Base = layerClass('Flatten');

/** Flatten that takes what is flat already, as Keras's does. */
export class AnyFlatten extends Base {
  static readonly className = 'AnyFlatten';

  constructor(config: LayerConfig) {
    super(config);
    this.inputSpec = [{ minNDim: 2 }];
  }
}
