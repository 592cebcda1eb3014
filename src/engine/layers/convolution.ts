import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { convolveWindows, depthwise, inChannelsLast, padsOf, type Windows } from '../ops/windows';
import { single, type ReluFusing } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { activationNamed, fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/** What all convolutions share: a window that moves over `rank` axes. */
abstract class Convolving extends OwnLayer {
  bias: tfl.LayerVariable | null = null;

  constructor(
    config: LayerConfig,
    protected readonly rank: number,
  ) {
    super(config);
  }

  get windows(): Windows {
    return {
      strides: this.perAxis('strides', this.rank),
      dilations: this.perAxis('dilationRate', this.rank),
      padding: (this.config.padding as Windows['padding'] | undefined) ?? 'valid',
    };
  }

  protected get kernelSize(): number[] {
    return this.perAxis('kernelSize', this.rank);
  }

  protected channelsOf(inputShape: Shape | Shape[]): number {
    const shape = oneShape(inputShape);
    return fixed(this.isChannelsFirst ? shape.at(-this.rank - 1) : shape.at(-1), `the channels that ${this.name} gets`);
  }

  protected addBias(filters: number): void {
    if (this.config.useBias !== false) this.bias = this.variable('bias', [filters]);
  }

  /** Output channels. */
  protected abstract filtersOf(channels: number): number;

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = oneShape(inputShape);
    const { strides, dilations, padding } = this.windows;
    const at = this.isChannelsFirst ? shape.length - this.rank : shape.length - this.rank - 1;
    const lengths = this.kernelSize.map((kernel, i) => {
      const length = shape[at + i];
      if (length === null) return null;
      const [before, after] = padsOf(length, kernel, strides[i], dilations[i], padding);
      return Math.floor((length + before + after - (kernel - 1) * dilations[i] - 1) / strides[i]) + 1;
    });
    const filters = this.filtersOf(this.channelsOf(shape));
    return this.isChannelsFirst ? [...shape.slice(0, at - 1), filters, ...lengths] : [...shape.slice(0, at), ...lengths, filters];
  }
}

/** Keras's Conv1D, Conv2D and Conv3D: all paddings, dilations and groups, over further axes too; bias and relu in one kernel. */
abstract class Convolution extends Convolving implements ReluFusing {
  isReluFused = false;
  kernel!: tfl.LayerVariable;

  get isLinear(): boolean {
    return this.activationName === 'linear';
  }

  get activationName(): string {
    return this.isReluFused ? 'relu' : String(this.config.activation ?? 'linear');
  }

  protected override filtersOf(): number {
    return this.number('filters', 1);
  }

  override build(inputShape: Shape | Shape[]): void {
    const filters = this.filtersOf();
    this.kernel = this.variable('kernel', [...this.kernelSize, this.channelsOf(inputShape) / this.number('groups', 1), filters]);
    this.addBias(filters);
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const isRelu = this.isReluFused || this.config.activation === 'relu';
      const run = (image: tfc.Tensor): tfc.Tensor => {
        const extra = image.shape.slice(1, image.rank - this.rank - 1);
        const flat = extra.length > 0 ? tfc.reshape(image, [-1, ...image.shape.slice(extra.length + 1)]) : image;
        const y = convolveWindows(flat, this.kernel.read(), this.bias?.read(), this.windows, isRelu);
        return extra.length > 0 ? tfc.reshape(y, [image.shape[0], ...extra, ...y.shape.slice(1)]) : y;
      };
      const y = inChannelsLast(x, this.isChannelsFirst, run);
      return isRelu ? y : this.activate(y);
    });
  }
}

abstract class Depthwise extends Convolving {
  private kernel!: tfl.LayerVariable;

  protected override filtersOf(channels: number): number {
    return channels * this.number('depthMultiplier', 1);
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = this.channelsOf(inputShape);
    this.kernel = this.variable('depthwise_kernel', [...this.kernelSize, channels, this.number('depthMultiplier', 1)], 'depthwise');
    this.addBias(this.filtersOf(channels));
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const y = inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
        const z = depthwiseOver(x, this.kernel.read(), this.windows);
        return this.bias ? tfc.add(z, this.bias.read()) : z;
      });
      return this.activate(y);
    });
  }
}

/** A depthwise convolution over one or two axes. */
function depthwiseOver(x: tfc.Tensor, kernel: tfc.Tensor, { strides, dilations, padding }: Windows): tfc.Tensor {
  if (x.rank === 4) return depthwise(x as tfc.Tensor4D, kernel as tfc.Tensor4D, { strides, dilations, padding });
  const [n, length, channels] = x.shape as [number, number, number];
  const [size, , multiplier] = kernel.shape as [number, number, number];
  const [before] = padsOf(length, size, strides[0], dilations[0], padding);
  const padded =
    padding === 'causal'
      ? tfc.pad(x, [
          [0, 0],
          [before, 0],
          [0, 0],
        ])
      : x;
  const image = tfc.reshape(padded, [n, 1, padded.shape[1]!, channels]) as tfc.Tensor4D;
  const filter = tfc.reshape(kernel, [1, size, channels, multiplier]) as tfc.Tensor4D;
  // One stride for both axes: TensorFlow.js knows no other, and one row stays one row.
  const how: Windows = { strides: [strides[0], strides[0]], dilations: [1, dilations[0]], padding: padding === 'same' ? 'same' : 'valid' };
  const y = depthwise(image, filter, how);
  return tfc.reshape(y, [n, y.shape[2], channels * multiplier]);
}

/** Keras's SeparableConv1D and SeparableConv2D: depthwise, then a convolution with 1 × 1 windows. */
abstract class Separable extends Convolving {
  private depthwise!: tfl.LayerVariable;
  private pointwise!: tfl.LayerVariable;

  protected override filtersOf(): number {
    return this.number('filters', 1);
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = this.channelsOf(inputShape);
    const multiplier = this.number('depthMultiplier', 1);
    const ones = Array<number>(this.rank).fill(1);
    this.depthwise = this.variable('depthwise_kernel', [...this.kernelSize, channels, multiplier], 'depthwise');
    this.pointwise = this.variable('pointwise_kernel', [...ones, channels * multiplier, this.filtersOf()], 'pointwise');
    this.addBias(this.filtersOf());
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const ones = Array<number>(this.rank).fill(1);
      const isRelu = this.config.activation === 'relu';
      const y = inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
        const z = depthwiseOver(x, this.depthwise.read(), this.windows);
        const how: Windows = { strides: ones, dilations: ones, padding: 'valid' };
        return convolveWindows(z, this.pointwise.read(), this.bias?.read(), how, isRelu);
      });
      return isRelu ? y : this.activate(y);
    });
  }
}

/** Checked when the layer is made, so that an unknown name is told before the first step. */
function checked(config: LayerConfig): LayerConfig {
  activationNamed(config.activation);
  return config;
}

export class Convolution1D extends Convolution {
  static readonly className = 'KernelscopeConv1D';
  constructor(config: LayerConfig) {
    super(checked(config), 1);
  }
}
export class Convolution2D extends Convolution {
  static readonly className = 'KernelscopeConv2D';
  constructor(config: LayerConfig) {
    super(checked(config), 2);
  }
}
export class Convolution3D extends Convolution {
  static readonly className = 'KernelscopeConv3D';
  constructor(config: LayerConfig) {
    super(checked(config), 3);
  }
}
export class Depthwise1D extends Depthwise {
  static readonly className = 'KernelscopeDepthwiseConv1D';
  constructor(config: LayerConfig) {
    super(checked(config), 1);
  }
}
export class Depthwise2D extends Depthwise {
  static readonly className = 'KernelscopeDepthwiseConv2D';
  constructor(config: LayerConfig) {
    super(checked(config), 2);
  }
}
export class Separable1D extends Separable {
  static readonly className = 'KernelscopeSeparableConv1D';
  constructor(config: LayerConfig) {
    super(checked(config), 1);
  }
}
export class Separable2D extends Separable {
  static readonly className = 'KernelscopeSeparableConv2D';
  constructor(config: LayerConfig) {
    super(checked(config), 2);
  }
}
