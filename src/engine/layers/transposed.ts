import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { transposedConvolution, transposedLength } from '../ops/transposedConvolution';
import { inChannelsLast, type Windows } from '../ops/windows';
import { single } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/** Keras's Conv1DTranspose, Conv2DTranspose and Conv3DTranspose, with output padding, dilation and (as in PyTorch) groups. */
abstract class Transposed extends OwnLayer {
  private kernel!: tfl.LayerVariable;
  private bias: tfl.LayerVariable | null = null;

  constructor(
    config: LayerConfig,
    private readonly rank: number,
  ) {
    super(config);
  }

  private get windows(): Windows {
    return {
      strides: this.perAxis('strides', this.rank),
      dilations: this.perAxis('dilationRate', this.rank),
      padding: this.config.padding === 'same' ? 'same' : 'valid',
    };
  }

  private lengths(spatial: number[]): number[] {
    const { strides, dilations, padding } = this.windows;
    const kernel = this.perAxis('kernelSize', this.rank);
    const extra = (this.config.outputPadding ?? null) === null ? null : this.perAxis('outputPadding', this.rank);
    return spatial.map((n, i) =>
      transposedLength(n, kernel[i], strides[i], dilations[i], padding === 'same' ? 'same' : 'valid', extra && extra[i]),
    );
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = fixed(this.isChannelsFirst ? shape[1] : shape.at(-1), `the channels that ${this.name} gets`);
    const filters = this.number('filters', 1);
    this.kernel = this.variable('kernel', [...this.perAxis('kernelSize', this.rank), filters / this.number('groups', 1), channels]);
    if (this.config.useBias !== false) this.bias = this.variable('bias', [filters]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = oneShape(inputShape);
    const spatial = this.isChannelsFirst ? shape.slice(2) : shape.slice(1, -1);
    const lengths = this.lengths(spatial.map((n) => n ?? NaN)).map((n) => (Number.isNaN(n) ? null : n));
    const filters = this.number('filters', 1);
    return this.isChannelsFirst ? [shape[0], filters, ...lengths] : [shape[0], ...lengths, filters];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const y = inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
        const z = transposedConvolution(x, this.kernel.read(), this.lengths(x.shape.slice(1, -1)), this.windows, this.number('groups', 1));
        return this.bias ? tfc.add(z, this.bias.read()) : z;
      });
      return this.activate(y);
    });
  }
}

export class Transposed1D extends Transposed {
  static readonly className = 'KernelscopeConv1DTranspose';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class Transposed2D extends Transposed {
  static readonly className = 'KernelscopeConv2DTranspose';
  constructor(config: LayerConfig) {
    super(config, 2);
  }
}
export class Transposed3D extends Transposed {
  static readonly className = 'KernelscopeConv3DTranspose';
  constructor(config: LayerConfig) {
    super(config, 3);
  }
}
