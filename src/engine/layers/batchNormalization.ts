import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayerConfig } from './noiseLayer';

type Shape = (number | null)[];

/**
 * Keras's BatchNormalization. TF.js's own fails in training without scale or without center, and its gradient goes through many
 * small operations; this one has the closed form (Ioffe and Szegedy 2015).
 */
export class BatchNorm extends tfl.layers.Layer {
  static readonly className = 'BatchNorm';
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
    const axes = input.shape.map((_, i) => i).filter((i) => i !== axis);
    const broadcast = input.shape.map((size, i) => (i === axis ? size : 1));
    const spread = (v: tfc.Tensor): tfc.Tensor => (axis === input.rank - 1 ? v : tfc.reshape(v, broadcast));
    return tfc.tidy(() => {
      const gamma = this.gamma?.read() ?? tfc.ones([input.shape[axis]]);
      const beta = this.beta?.read() ?? tfc.zeros([input.shape[axis]]);
      // Keras 2 and later: a frozen layer normalises as in inference.
      if (!kwargs.training || !this.trainable) {
        const factor = tfc.mul(gamma, tfc.rsqrt(tfc.add(this.movingVariance.read(), this.epsilon)));
        const offset = tfc.sub(beta, tfc.mul(this.movingMean.read(), factor));
        return tfc.add(tfc.mul(input, spread(factor)), spread(offset));
      }
      return normalise(input, gamma, beta, { axes, spread, epsilon: this.epsilon, observe: (m, v) => this.follow(m, v) });
    });
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.config as tfc.serialization.ConfigDict) };
  }

  /** moving = moving * momentum + batch * (1 - momentum), with the batch's biased variance, as in Keras 3. */
  private follow(mean: tfc.Tensor, variance: tfc.Tensor): void {
    for (const [moving, now] of [
      [this.movingMean, mean],
      [this.movingVariance, variance],
    ] as const)
      moving.write(tfc.add(tfc.mul(moving.read(), this.momentum), tfc.mul(now, 1 - this.momentum)));
  }
}

interface Normalisation {
  /** Which axes are averaged over. */
  axes: number[];
  /** Brings a per-channel vector to a shape that broadcasts over the input. */
  spread(v: tfc.Tensor): tfc.Tensor;
  epsilon: number;
  /** Sees the batch's mean and biased variance. */
  observe(mean: tfc.Tensor, variance: tfc.Tensor): void;
}

function normalise(input: tfc.Tensor, gamma: tfc.Tensor, beta: tfc.Tensor, how: Normalisation): tfc.Tensor {
  const { axes, spread, epsilon, observe } = how;
  const operation = tfc.customGrad((...args: (tfc.Tensor | tfc.GradSaveFunc)[]) => {
    const [x, g, b] = args as tfc.Tensor[];
    const save = args[3] as tfc.GradSaveFunc;
    const mean = tfc.mean(x, axes);
    const centred = tfc.sub(x, spread(mean));
    const variance = tfc.mean(tfc.square(centred), axes);
    observe(mean, variance);
    const inverse = tfc.rsqrt(tfc.add(variance, epsilon));
    const normal = tfc.mul(centred, spread(inverse));
    save([normal, inverse, g]);
    const value = tfc.add(tfc.mul(normal, spread(g)), spread(b));
    const gradFunc = (dy: tfc.Tensor, saved: tfc.Tensor[]): tfc.Tensor[] => {
      const [n, i, scale] = saved;
      const dBeta = tfc.sum(dy, axes);
      const dGamma = tfc.sum(tfc.mul(dy, n), axes);
      const count = n.size / scale.size;
      // dx = gamma / std * (dy - mean(dy) - normal * mean(dy * normal))
      const inner = tfc.sub(tfc.sub(dy, spread(tfc.div(dBeta, count))), tfc.mul(n, spread(tfc.div(dGamma, count))));
      return [tfc.mul(inner, spread(tfc.mul(scale, i))), dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  return operation(input, gamma, beta);
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
