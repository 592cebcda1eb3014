import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { inChannelsLast, padsOf } from '../ops/windows';
import { single } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/** Keras 2's LocallyConnected1D and 2D (implementation 1): kernels [places, kernel · channels, filters], of its own at every place. */
abstract class LocallyConnected extends OwnLayer {
  private kernel!: tfl.LayerVariable;
  private bias: tfl.LayerVariable | null = null;

  constructor(
    config: LayerConfig,
    private readonly rank: number,
  ) {
    super(config);
  }

  private spatial(shape: Shape): number[] {
    const { rank } = this;
    const [kernel, strides] = [this.perAxis('kernelSize', rank), this.perAxis('strides', rank)];
    return (this.isChannelsFirst ? shape.slice(2) : shape.slice(1, -1)).map((length, i) => {
      const size = fixed(length, `the size of what ${this.name} gets`);
      const [before, after] = padsOf(size, kernel[i], strides[i], 1, this.config.padding === 'same' ? 'same' : 'valid');
      return Math.floor((size + before + after - kernel[i]) / strides[i]) + 1;
    });
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = fixed(this.isChannelsFirst ? shape[1] : shape.at(-1), `the channels that ${this.name} gets`);
    const spatial = this.spatial(shape);
    const fan = tfc.util.sizeFromShape(this.perAxis('kernelSize', this.rank)) * channels;
    this.kernel = this.variable('kernel', [tfc.util.sizeFromShape(spatial), fan, this.number('filters', 1)]);
    if (this.config.useBias !== false) this.bias = this.variable('bias', [...spatial, this.number('filters', 1)]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = oneShape(inputShape);
    const filters = this.number('filters', 1);
    return this.isChannelsFirst ? [shape[0], filters, ...this.spatial(shape)] : [shape[0], ...this.spatial(shape), filters];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const y = inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
        const image = this.rank === 1 ? tfc.reshape(x, [x.shape[0], 1, x.shape[1]!, x.shape[2]!]) : x;
        const alongAxes = (name: string): number[] => [...(this.rank === 1 ? [1] : []), ...this.perAxis(name, this.rank)];
        const [kernel, strides] = [alongAxes('kernelSize'), alongAxes('strides')];
        const out = [...(this.rank === 1 ? [1] : []), ...this.spatial(x.shape)];
        const pads = kernel.map((k, i) => padsOf(image.shape[i + 1]!, k, strides[i], 1, this.config.padding === 'same' ? 'same' : 'valid'));
        const padded = tfc.pad(image, [[0, 0], ...pads, [0, 0]]);
        const [n, , , channels] = padded.shape as [number, number, number, number];
        // [places, n, kernel · channels]: the window over every place, row by row as Keras flattens it.
        const places = Array.from({ length: out[0] * out[1] }, (_, at) => {
          const [row, column] = [Math.floor(at / out[1]) * strides[0], (at % out[1]) * strides[1]];
          return tfc.reshape(tfc.slice(padded, [0, row, column, 0], [n, kernel[0], kernel[1], channels]), [1, n, -1]);
        });
        const product = tfc.matMul(tfc.concat(places, 0), this.kernel.read());
        const z = tfc.reshape(tfc.transpose(product, [1, 0, 2]), [n, ...this.spatial(x.shape), this.number('filters', 1)]);
        return this.bias ? tfc.add(z, this.bias.read()) : z;
      });
      return this.activate(y);
    });
  }
}

export class LocallyConnected1D extends LocallyConnected {
  static readonly className = 'KernelscopeLocallyConnected1D';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class LocallyConnected2D extends LocallyConnected {
  static readonly className = 'KernelscopeLocallyConnected2D';
  constructor(config: LayerConfig) {
    super(config, 2);
  }
}
