import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { normalise } from '../ops/normalise';
import type { ReluFusing } from './layerClasses';
import type { LayerConfig } from './noiseLayer';

type Shape = (number | null)[];

/**
 * Keras's BatchNormalization. TF.js's own fails in training without scale or without center, and its gradient goes through many
 * small operations; this one has the closed form, in one kernel.
 */
export class BatchNorm extends tfl.layers.Layer implements ReluFusing {
  static readonly className = 'BatchNorm';
  readonly isLinear = true;
  isReluFused = false;
  private readonly config: Record<string, unknown>;
  private readonly axis: number;
  private readonly momentum: number;
  private readonly epsilon: number;
  private gamma: tfl.LayerVariable | null = null;
  private beta: tfl.LayerVariable | null = null;
  private movingMean!: tfl.LayerVariable;
  private movingVariance!: tfl.LayerVariable;

  constructor(config: LayerConfig) {
    super(config);
    this.config = { ...config };
    // Keras 1 and 2 files may give a list of one axis.
    const axis = Array.isArray(config.axis) ? config.axis[0] : config.axis;
    this.axis = Number(axis ?? -1);
    this.momentum = Number(config.momentum ?? 0.99);
    this.epsilon = Number(config.epsilon ?? 1e-3);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const channels = shape.at(this.axis);
    if (channels === null || channels === undefined) throw new Error(`batch normalisation ${this.name} needs a fixed number of channels`);
    const regularizer = (name: string) => regularizerOf(this.config[name]);
    const constraint = (name: string) => constraintOf(this.config[name]);
    const add = (name: string, trainable: boolean, initial: 'zeros' | 'ones') =>
      this.addWeight(
        name,
        [channels],
        'float32',
        tfl.initializers[initial](),
        trainable ? regularizer(`${name}Regularizer`) : undefined,
        trainable,
        trainable ? constraint(`${name}Constraint`) : undefined,
      );
    if (this.config.scale !== false) this.gamma = add('gamma', true, 'ones');
    if (this.config.center !== false) this.beta = add('beta', true, 'zeros');
    this.movingMean = add('moving_mean', false, 'zeros');
    this.movingVariance = add('moving_variance', false, 'ones');
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
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

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.config as tfc.serialization.ConfigDict) };
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

type Regularizer = ReturnType<typeof tfl.regularizers.l2>;
type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;

function build<T>(config: unknown): T | undefined {
  if (!config || typeof config !== 'object') return undefined;
  const { className, config: inner } = config as { className: string; config: Record<string, unknown> };
  const entry = tfc.serialization.SerializationMap.getMap().classNameMap[className];
  if (!entry) throw new Error(`unknown ${className}`);
  return new (entry[0] as unknown as new (c: Record<string, unknown>) => T)(inner);
}
const regularizerOf = (config: unknown): Regularizer | undefined => build<Regularizer>(config);
const constraintOf = (config: unknown): Constraint | undefined => build<Constraint>(config);
