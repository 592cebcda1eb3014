import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { kernelContext } from '../kernels/kernels';
import { noiseKey, type NoiseKey } from '../noise';

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
  /** Whether the noise is drawn by a kernel, which a captured step can repeat. */
  protected readonly isKernel: boolean = false;

  override computeOutputShape(inputShape: tfl.SymbolicTensor['shape'] | tfl.SymbolicTensor['shape'][]) {
    return inputShape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs.training) return input;
    if (!this.isKernel) kernelContext()?.onForeignKernel?.('noise made outside the kernels');
    return tfc.tidy(() => this.disturb(input, noiseKey(this.clock.seed, this.clock.step, this.name)));
  }

  protected abstract disturb(input: tfc.Tensor, key: NoiseKey): tfc.Tensor;
}

/** What a layer's constructor is given: its configuration in camel case. */
export type LayerConfig = ConstructorParameters<typeof tfl.layers.Layer>[0] & Record<string, unknown>;
