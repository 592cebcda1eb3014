import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { inChannelsLast } from '../ops/windows';
import { single } from './layerClasses';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/** (x - mean) / sqrt(variance + ε) over the last `count` axes. */
function standardise(x: tfc.Tensor, count: number, epsilon: number): tfc.Tensor {
  const axes = Array.from({ length: count }, (_, i) => x.rank - count + i);
  const centred = tfc.sub(x, tfc.mean(x, axes, true));
  const variance = tfc.mean(tfc.square(centred), axes, true);
  // Not rsqrt, whose gradient no plan can hold.
  return tfc.div(centred, tfc.sqrt(tfc.add(variance, epsilon)));
}

/** A layer with Keras's gamma and beta. */
abstract class Affine extends OwnLayer {
  protected gamma: tfl.LayerVariable | null = null;
  protected beta: tfl.LayerVariable | null = null;

  protected addAffine(shape: number[]): void {
    if (this.config.scale !== false) this.gamma = this.variable('gamma', shape);
    if (this.config.center !== false) this.beta = this.variable('beta', shape);
  }

  /** gamma · y + beta, both spread to `shape`. */
  protected scaled(y: tfc.Tensor, shape: number[]): tfc.Tensor {
    const spread = (v: tfl.LayerVariable): tfc.Tensor => tfc.reshape(v.read(), shape);
    const z = this.gamma ? tfc.mul(y, spread(this.gamma)) : y;
    return this.beta ? tfc.add(z, spread(this.beta)) : z;
  }
}

/** Keras's LayerNormalization over one or more axes (Ba et al. 2016). */
export class LayerNorm extends Affine {
  static readonly className = 'KernelscopeLayerNormalization';

  private axesOf(rank: number): number[] {
    const given = (Array.isArray(this.config.axis) ? this.config.axis : [this.config.axis ?? -1]) as number[];
    return given.map((a) => (a + rank) % rank).sort((a, b) => a - b);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    this.addAffine(this.axesOf(shape.length).map((a) => fixed(shape[a], `the axes that ${this.name} normalises`)));
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const axes = this.axesOf(x.rank);
      const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
      const order = [...others, ...axes];
      const isLast = order.every((a, i) => a === i);
      const y = standardise(isLast ? x : tfc.transpose(x, order), axes.length, this.number('epsilon', 1e-3));
      const z = this.scaled(y, [...others.map(() => 1), ...axes.map((a) => x.shape[a])]);
      if (isLast) return z;
      return tfc.transpose(
        z,
        order.map((_, i) => order.indexOf(i)),
      );
    });
  }
}

/** Keras's GroupNormalization (Wu and He 2018); -1 groups are one per channel, which is PyTorch's instance normalisation. */
export class GroupNorm extends Affine {
  static readonly className = 'KernelscopeGroupNormalization';

  private isFirst(rank: number): boolean {
    return (this.number('axis', -1) + rank) % rank === 1 && rank > 2;
  }

  private channelsOf(shape: Shape): number {
    return fixed(this.isFirst(shape.length) ? shape[1] : shape.at(-1), `the channels that ${this.name} normalises`);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.addAffine([this.channelsOf(oneShape(inputShape))]);
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const given = single(inputs);
      return inChannelsLast(given, this.isFirst(given.rank), (x) => {
        const channels = x.shape.at(-1)!;
        const wanted = this.number('groups', 32);
        const groups = wanted === -1 ? channels : wanted;
        const places = x.size / x.shape[0] / channels;
        // Groups before places, so that what is normalised lies together.
        const grouped = tfc.transpose(tfc.reshape(x, [x.shape[0], places, groups, channels / groups]), [0, 2, 1, 3]);
        const y = tfc.transpose(standardise(grouped, 2, this.number('epsilon', 1e-3)), [0, 2, 1, 3]);
        return this.scaled(tfc.reshape(y, x.shape), [...x.shape.slice(0, -1).map(() => 1), channels]);
      });
    });
  }
}

/** Keras's UnitNormalization: every vector gets the length 1. */
export class UnitNorm extends OwnLayer {
  static readonly className = 'KernelscopeUnitNormalization';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const axes = (Array.isArray(this.config.axis) ? this.config.axis : [this.config.axis ?? -1]) as number[];
      return tfc.div(x, tfc.sqrt(tfc.maximum(tfc.sum(tfc.square(x), axes, true), 1e-12)));
    });
  }
}

/** PyTorch's LocalResponseNorm (Krizhevsky et al. 2012): x / (k + α / n · Σ x²)^β over `size` neighbouring channels. */
export class LocalResponseNorm extends OwnLayer {
  static readonly className = 'KernelscopeLocalResponseNorm';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const size = this.number('size', 5);
      const channels = x.shape.at(-1)!;
      const squares = tfc.reshape(tfc.square(x), [-1, channels]);
      // Which channels count for which: a product with a band of ones is the sum over neighbours.
      const band = new Float32Array(channels * channels);
      const before = Math.floor(size / 2);
      for (let c = 0; c < channels; c++)
        for (let k = Math.max(0, c - before); k < Math.min(channels, c - before + size); k++) band[k * channels + c] = 1 / size;
      const sums = tfc.reshape(tfc.matMul(squares as tfc.Tensor2D, tfc.tensor2d(band, [channels, channels])), x.shape);
      const base = tfc.add(tfc.mul(sums, this.number('alpha', 1e-4)), this.number('k', 1));
      return tfc.mul(x, tfc.exp(tfc.mul(tfc.log(base), -this.number('beta', 0.75))));
    });
  }
}
