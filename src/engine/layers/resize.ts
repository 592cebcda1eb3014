import * as tfc from '@tensorflow/tfjs-core';
import { mapAxes, resizeAxis } from '../ops/axisMaps';
import { inChannelsLast } from '../ops/windows';
import { single } from './layerClasses';
import type { LayerConfig } from './noiseLayer';
import { oneShape, OwnLayer, type Shape } from './ownLayer';

/** A layer that changes the lengths of `rank` axes. */
abstract class Resizing extends OwnLayer {
  constructor(
    config: LayerConfig,
    protected readonly rank: number,
  ) {
    super(config);
  }

  protected abstract lengthOf(length: number, axis: number): number;
  /** @param x channels last */
  protected abstract change(x: tfc.Tensor): tfc.Tensor;

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const at = this.isChannelsFirst ? 2 : 1;
    return oneShape(inputShape).map((n, i) => (n === null || i < at || i >= at + this.rank ? n : this.lengthOf(n, i - at)));
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => inChannelsLast(single(inputs), this.isChannelsFirst, (x) => this.change(x)));
  }

  /** A setting as [before, after] per axis: one number, one per axis, or two per axis. */
  protected pairs(name: string, fallback: number): [number, number][] {
    const value = this.config[name] ?? fallback;
    if (!Array.isArray(value)) return Array.from({ length: this.rank }, () => [Number(value), Number(value)]);
    if (this.rank === 1 && value.length === 2) return [[Number(value[0]), Number(value[1])]];
    return value.map((v: unknown) => (Array.isArray(v) ? [Number(v[0]), Number(v[1] ?? v[0])] : [Number(v), Number(v)]));
  }
}

/** Keras's ZeroPadding1D, 2D and 3D. */
abstract class ZeroPadding extends Resizing {
  protected override lengthOf(length: number, axis: number): number {
    const [before, after] = this.pairs('padding', 1)[axis];
    return length + before + after;
  }

  protected override change(x: tfc.Tensor): tfc.Tensor {
    return tfc.pad(x, [[0, 0], ...this.pairs('padding', 1), [0, 0]]);
  }
}

/** Keras's Cropping1D, 2D and 3D. */
abstract class Cropping extends Resizing {
  protected override lengthOf(length: number, axis: number): number {
    const [before, after] = this.pairs('cropping', this.rank === 2 ? 0 : 1)[axis];
    return length - before - after;
  }

  protected override change(x: tfc.Tensor): tfc.Tensor {
    const before = this.pairs('cropping', this.rank === 2 ? 0 : 1).map(([n]) => n);
    return tfc.slice(x, [0, ...before, 0], [x.shape[0], ...x.shape.slice(1, -1).map((n, i) => this.lengthOf(n, i)), x.shape.at(-1)!]);
  }
}

/** Keras's UpSampling1D, 2D and 3D. */
abstract class UpSampling extends Resizing {
  private get factors(): number[] {
    return this.perAxis('size', this.rank, 2);
  }

  protected override lengthOf(length: number, axis: number): number {
    return length * this.factors[axis];
  }

  protected override change(x: tfc.Tensor): tfc.Tensor {
    const [n, ...rest] = x.shape;
    const spatial = rest.slice(0, -1);
    const channels = rest.at(-1)!;
    const { factors } = this;
    if (this.rank === 2) {
      const size = spatial.map((length, i) => length * factors[i]) as [number, number];
      const method = String(this.config.interpolation ?? 'nearest');
      // By matrices: TF.js's gradient of bilinear resizing leaves out that pixels have their centres at halves.
      if (method === 'bilinear' || method === 'bicubic')
        return mapAxes(
          x,
          size.map((to) => resizeAxis(to, method)),
        );
      if (method !== 'nearest') throw new Error(`${this.name} enlarges with ${method}, which is not known; use nearest or bilinear`);
      return tfc.image.resizeNearestNeighbor(x as tfc.Tensor4D, size);
    }
    if (this.rank === 1) {
      const image = tfc.reshape(x, [n, spatial[0], 1, channels]) as tfc.Tensor4D;
      return tfc.reshape(tfc.image.resizeNearestNeighbor(image, [spatial[0] * factors[0], 1]), [n, spatial[0] * factors[0], channels]);
    }
    const [d, h, w] = spatial;
    const [fd, fh, fw] = factors;
    // Planes first, then planes as the pixels of a line.
    const planes = tfc.image.resizeNearestNeighbor(tfc.reshape(x, [n * d, h, w, channels]) as tfc.Tensor4D, [h * fh, w * fw]);
    const line = tfc.reshape(planes, [n, d, 1, h * fh * w * fw * channels]) as tfc.Tensor4D;
    return tfc.reshape(tfc.image.resizeNearestNeighbor(line, [d * fd, 1]), [n, d * fd, h * fh, w * fw, channels]);
  }
}

export class ZeroPadding1D extends ZeroPadding {
  static readonly className = 'KernelscopeZeroPadding1D';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class ZeroPadding3D extends ZeroPadding {
  static readonly className = 'KernelscopeZeroPadding3D';
  constructor(config: LayerConfig) {
    super(config, 3);
  }
}
export class Cropping1D extends Cropping {
  static readonly className = 'KernelscopeCropping1D';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class Cropping3D extends Cropping {
  static readonly className = 'KernelscopeCropping3D';
  constructor(config: LayerConfig) {
    super(config, 3);
  }
}
export class UpSampling1D extends UpSampling {
  static readonly className = 'KernelscopeUpSampling1D';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class UpSampling2D extends UpSampling {
  static readonly className = 'KernelscopeUpSampling2D';
  constructor(config: LayerConfig) {
    super(config, 2);
  }
}
export class UpSampling3D extends UpSampling {
  static readonly className = 'KernelscopeUpSampling3D';
  constructor(config: LayerConfig) {
    super(config, 3);
  }
}
