import * as tfc from '@tensorflow/tfjs-core';
import { dropMask, normalNoise } from '../noise';
import { OP, type DropMaskOp } from '../ops/opNames';
import { runKernel } from '../ops/run';
import { NoiseLayer, type LayerConfig } from './noiseLayer';

/** Keras's Dropout: each value is dropped with probability `rate`, the others grow by 1 / (1 - rate). */
export class SeededDropout extends NoiseLayer {
  static readonly className: string = 'SeededDropout';
  private readonly rate: number;
  private readonly noiseShape: (number | null)[] | null;

  constructor(config: LayerConfig) {
    super(config);
    this.rate = Number(config.rate);
    this.noiseShape = (config.noiseShape as (number | null)[] | null | undefined) ?? null;
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape };
  }

  protected override disturb(input: tfc.Tensor): tfc.Tensor {
    if (this.rate <= 0) return input;
    if (this.rate >= 1) return tfc.zerosLike(input);
    const shape = this.maskShape(input.shape);
    const attributes: DropMaskOp = { shape, rate: this.rate, scale: 1 / (1 - this.rate), layer: this.name, ...this.noiseKey() };
    return tfc.mul(input, runKernel<tfc.Tensor>(OP.dropMask, {}, attributes));
  }

  protected maskShape(inputShape: number[]): number[] {
    return this.noiseShape ? this.noiseShape.map((size, i) => size ?? inputShape[i]) : inputShape;
  }
}

/** Keras's SpatialDropout1D, 2D and 3D: drops whole channels. */
export class SeededSpatialDropout extends SeededDropout {
  static override readonly className = 'SeededSpatialDropout';
  private readonly isChannelsFirst: boolean;

  constructor(config: LayerConfig) {
    super(config);
    this.isChannelsFirst = config.dataFormat === 'channelsFirst';
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), dataFormat: this.isChannelsFirst ? 'channelsFirst' : 'channelsLast' };
  }

  protected override maskShape(inputShape: number[]): number[] {
    const channels = this.isChannelsFirst ? 1 : inputShape.length - 1;
    return inputShape.map((size, i) => (i === 0 || i === channels ? size : 1));
  }
}

/** Keras's GaussianNoise: adds normal noise. */
export class SeededGaussianNoise extends NoiseLayer {
  static readonly className = 'SeededGaussianNoise';
  private readonly stddev: number;

  constructor(config: LayerConfig) {
    super(config);
    this.stddev = Number(config.stddev);
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), stddev: this.stddev };
  }

  protected override disturb(input: tfc.Tensor): tfc.Tensor {
    return tfc.add(input, tfc.mul(this.noise(input.shape, normalNoise), this.stddev));
  }
}

/** Keras's GaussianDropout: multiplies with normal noise around 1 of standard deviation sqrt(rate / (1 - rate)). */
export class SeededGaussianDropout extends NoiseLayer {
  static readonly className = 'SeededGaussianDropout';
  private readonly rate: number;

  constructor(config: LayerConfig) {
    super(config);
    this.rate = Number(config.rate);
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }

  protected override disturb(input: tfc.Tensor): tfc.Tensor {
    const factor = this.noise(input.shape, normalNoise);
    return tfc.mul(input, tfc.add(tfc.mul(factor, Math.sqrt(this.rate / (1 - this.rate))), 1));
  }
}

// Klambauer et al. 2017, Self-Normalizing Neural Networks: SELU's saturation value.
const SELU_FLOOR = -1.6732632423543772 * 1.0507009873554805;

/** Keras's AlphaDropout: drops to SELU's negative saturation and corrects mean and variance. */
export class SeededAlphaDropout extends NoiseLayer {
  static readonly className = 'SeededAlphaDropout';
  private readonly rate: number;

  constructor(config: LayerConfig) {
    super(config);
    this.rate = Number(config.rate);
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }

  protected override disturb(input: tfc.Tensor): tfc.Tensor {
    const { rate } = this;
    if (rate <= 0) return input;
    const kept = this.noise(input.shape, (key, length) => dropMask(key, length, rate, 1));
    const a = ((1 - rate) * (1 + rate * SELU_FLOOR ** 2)) ** -0.5;
    const b = -a * SELU_FLOOR * rate;
    const dropped = tfc.mul(tfc.sub(1, kept), SELU_FLOOR);
    return tfc.add(tfc.mul(tfc.add(tfc.mul(input, kept), dropped), a), b);
  }
}
