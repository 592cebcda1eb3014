import * as tfc from '@tensorflow/tfjs-core';
import { inChannelsLast, padsOf } from '../ops/windows';
import { single } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { oneShape, OwnLayer, type Shape } from './ownLayer';

type Kind = 'Average' | 'Max';

const pool2d = (kind: Kind) => (kind === 'Average' ? tfc.avgPool : tfc.maxPool);

/** Keras's MaxPooling3D and AveragePooling3D: over planes, then across them. Padding never counts, so both can be done one after the other. */
function pooling3d(kind: Kind) {
  return class extends OwnLayer {
    static readonly className = `Kernelscope${kind}Pooling3D`;

    private get how(): { sizes: number[]; strides: number[]; padding: 'valid' | 'same' } {
      const sizes = this.perAxis('poolSize', 3, 2);
      const strides = (this.config.strides ?? null) === null ? sizes : this.perAxis('strides', 3);
      return { sizes, strides, padding: this.config.padding === 'same' ? 'same' : 'valid' };
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const at = this.isChannelsFirst ? 2 : 1;
      const { sizes, strides, padding } = this.how;
      return oneShape(inputShape).map((n, i) => {
        if (n === null || i < at || i >= at + 3) return n;
        const [before, after] = padsOf(n, sizes[i - at], strides[i - at], 1, padding);
        return Math.floor((n + before + after - sizes[i - at]) / strides[i - at]) + 1;
      });
    }

    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      const { sizes, strides, padding } = this.how;
      return tfc.tidy(() =>
        inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
          const [n, depth, h, w, c] = x.shape as [number, number, number, number, number];
          const slices = tfc.reshape(x, [n * depth, h, w, c]) as tfc.Tensor4D;
          const flat = pool2d(kind)(slices, [sizes[1], sizes[2]], [strides[1], strides[2]], padding);
          const line = tfc.reshape(flat, [n, depth, 1, flat.size / (n * depth)]) as tfc.Tensor4D;
          const across = pool2d(kind)(line, [sizes[0], 1], [strides[0], 1], padding);
          return tfc.reshape(across, [n, across.shape[1], flat.shape[1], flat.shape[2], c]);
        }),
      );
    }
  };
}

/** Keras's GlobalMaxPooling and GlobalAveragePooling over one to three axes: a pooling with one window, whose kernels are fast. */
function globalPooling(kind: Kind, rank: number) {
  return class extends OwnLayer {
    static readonly className = `KernelscopeGlobal${kind}Pooling${rank}D`;

    constructor(config: LayerConfig) {
      super(config);
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const shape = oneShape(inputShape);
      const at = this.isChannelsFirst ? 1 : shape.length - 1;
      if (this.config.keepdims === true) return shape.map((n, i) => (i === 0 || i === at ? n : 1));
      return [shape[0], shape[at]];
    }

    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      return tfc.tidy(() =>
        inChannelsLast(single(inputs), this.isChannelsFirst, (x) => {
          const [n, ...spatial] = x.shape;
          const c = spatial.pop()!;
          const [h, w] = rank === 2 ? spatial : [1, tfc.util.sizeFromShape(spatial)];
          const y = pool2d(kind)(tfc.reshape(x, [n, h, w, c]) as tfc.Tensor4D, [h, w], 1, 'valid');
          return tfc.reshape(y, this.config.keepdims === true ? [n, ...spatial.map(() => 1), c] : [n, c]);
        }),
      );
    }
  };
}

export const poolingLayers = (['Average', 'Max'] as const).flatMap((kind) => [
  { keras: `${kind}Pooling3D`, layer: pooling3d(kind) },
  ...[1, 2, 3].map((rank) => ({ keras: `Global${kind}Pooling${rank}D`, layer: globalPooling(kind, rank) })),
]);
