import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { objectOf } from './ownLayer';
import { single } from './layerClasses';

type Regularizer = ReturnType<typeof tfl.regularizers.l2>;

/** What activity regularisers add to the loss, collected during a forward pass. */
export class ActivityLosses {
  private terms: tfc.Scalar[] = [];

  /**
   * Lets every layer that has a regulariser of its outputs tell what it comes to, per example as in Keras.
   * @param regularizers configurations by the layers' path
   */
  static watch(layers: ReadonlyMap<string, tfl.layers.Layer>, regularizers: ReadonlyMap<string, unknown>): ActivityLosses {
    const losses = new ActivityLosses();
    for (const [path, config] of regularizers) {
      const layer = layers.get(path);
      const regularizer = objectOf<Regularizer>(config);
      if (!layer || !regularizer) continue;
      const call = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => {
        const outputs = call(inputs, kwargs);
        const y = single(outputs);
        // The layers' own tidy would take it away.
        losses.terms.push(tfc.keep(tfc.div(regularizer.apply(y), y.shape[0])));
        return outputs;
      };
    }
    return losses;
  }

  /** Forgets what earlier passes have told. */
  clear(): void {
    tfc.dispose(this.terms);
    this.terms = [];
  }

  /** The sum over all layers of the pass, which is then forgotten; null when there is none. */
  take(): tfc.Scalar | null {
    const sum = this.terms.length > 0 ? (tfc.addN(this.terms) as tfc.Scalar) : null;
    this.clear();
    return sum;
  }
}
