import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { noiseKey, type NoiseKey } from '../noise';
import { host } from '../ops/host';

/** Which step is being computed: what all noise of a run is drawn from, besides the layer's name. */
export interface NoiseClock {
  seed: number;
  /** One-based. */
  step: number;
}

/** A layer that adds noise in training only, the same for the same seed, step and layer name, so that a run can be repeated and resumed. */
export abstract class NoiseLayer extends tfl.layers.Layer {
  /** Shared by all layers of a model; set when the model is built. */
  clock: NoiseClock = { seed: 0, step: 0 };

  override computeOutputShape(inputShape: tfl.SymbolicTensor['shape'] | tfl.SymbolicTensor['shape'][]) {
    return inputShape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs.training) return input;
    return tfc.tidy(() => this.disturb(input));
  }

  /** What this layer's noise of the current step is drawn from. */
  protected noiseKey(): NoiseKey {
    return noiseKey(this.clock.seed, this.clock.step, this.name);
  }

  /** A tensor that `draw` fills anew in every step. */
  protected noise(shape: number[], draw: (key: NoiseKey, length: number) => Float32Array): tfc.Tensor {
    return host(null, shape, (_, out) => out.set(draw(this.noiseKey(), out.length)));
  }

  protected abstract disturb(input: tfc.Tensor): tfc.Tensor;
}

/** What a layer's constructor is given: its configuration in camel case. */
export type LayerConfig = ConstructorParameters<typeof tfl.layers.Layer>[0] & Record<string, unknown>;
