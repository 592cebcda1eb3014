import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { normalise } from '../ops/normalise';
import type { ReluFusing } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { fixed, OwnLayer, oneShape, type Shape } from './ownLayer';

/**
 * Keras's BatchNormalization. TF.js's own fails in training without scale or without center, and its gradient goes through many
 * small operations; this one has the closed form, in one kernel.
 */
export class BatchNorm extends OwnLayer implements ReluFusing {
  static readonly className = 'BatchNorm';
  readonly isLinear = true;
  isReluFused = false;
  private readonly axis: number;
  private readonly momentum: number;
  private readonly epsilon: number;
  private gamma: tfl.LayerVariable | null = null;
  private beta: tfl.LayerVariable | null = null;
  private movingMean!: tfl.LayerVariable;
  private movingVariance!: tfl.LayerVariable;

  constructor(config: LayerConfig) {
    super(config);
    // Keras 1 and 2 files may give a list of one axis.
    const axis = Array.isArray(config.axis) ? config.axis[0] : config.axis;
    this.axis = Number(axis ?? -1);
    this.momentum = Number(config.momentum ?? 0.99);
    this.epsilon = Number(config.epsilon ?? 1e-3);
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = fixed(oneShape(inputShape).at(this.axis), `the channels that ${this.name} normalises`);
    if (this.config.scale !== false) this.gamma = this.variable('gamma', [channels]);
    if (this.config.center !== false) this.beta = this.variable('beta', [channels]);
    this.movingMean = this.variable('moving_mean', [channels], 'moving_mean', false);
    this.movingVariance = this.variable('moving_variance', [channels], 'moving_variance', false);
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    const axis = (this.axis + input.rank) % input.rank;
    const broadcast = input.shape.map((size, i) => (i === axis ? size : 1));
    const spread = (v: tfc.Tensor): tfc.Tensor => (axis === input.rank - 1 ? v : tfc.reshape(v, broadcast));
    return tfc.tidy(() => {
      const gamma = this.gamma?.read() ?? tfc.ones([input.shape[axis]]);
      const beta = this.beta?.read() ?? tfc.zeros([input.shape[axis]]);
      // Keras 2 and later: a frozen layer normalises as in inference.
      if (!kwargs.training || !this.trainable) {
        const factor = tfc.mul(gamma, tfc.rsqrt(tfc.add(this.movingVariance.read(), this.epsilon)));
        const offset = tfc.sub(beta, tfc.mul(this.movingMean.read(), factor));
        const y = tfc.add(tfc.mul(input, spread(factor)), spread(offset));
        return this.isReluFused ? tfc.relu(y) : y;
      }
      return this.inTraining(input, axis);
    });
  }

  /** The kernel works on the last axis; other axes are brought there. */
  private inTraining(input: tfc.Tensor, axis: number): tfc.Tensor {
    const last = input.rank - 1;
    const order = input.shape.map((_, i) => i).filter((i) => i !== axis);
    const x = axis === last ? input : tfc.transpose(input, [...order, axis]);
    const { epsilon, momentum, isReluFused: isRelu } = this;
    const [movingMean, movingVariance] = [this.movingMean.read(), this.movingVariance.read()];
    const y = normalise(
      { x, gamma: this.gamma?.read(), beta: this.beta?.read(), movingMean, movingVariance },
      { epsilon, momentum, isRelu },
    );
    if (axis === last) return y;
    const back = [...order, axis].map((_, i) => [...order, axis].indexOf(i));
    return tfc.transpose(y, back);
  }
}
