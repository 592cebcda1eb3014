import * as tfc from '@tensorflow/tfjs-core';
import { adaptiveAverageAxis, mapAxes, padAxisWith, resizeAxis, takeAxis, type AxisMap, type Interpolation } from '../ops/axisMaps';
import { inChannelsLast } from '../ops/windows';
import { single } from './layerClasses';
import { oneShape, OwnLayer, type Shape } from './ownLayer';

/** Where the middle of an axis begins, as Keras's CenterCrop takes it. */
const middle = (length: number, wanted: number): number => Math.floor((length - wanted) / 2);

/** A layer whose images all get one height and width. */
abstract class Sized extends OwnLayer {
  protected get size(): [number, number] {
    return [this.number('height', 1), this.number('width', 1)];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = oneShape(inputShape);
    const at = this.isChannelsFirst ? shape.length - 2 : shape.length - 3;
    return shape.map((n, i) => (i === at ? this.size[0] : i === at + 1 ? this.size[1] : n));
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor {
    return tfc.tidy(() => inChannelsLast(single(inputs), this.isChannelsFirst, (x) => this.change(x, kwargs.training === true)));
  }

  protected abstract change(x: tfc.Tensor, isTraining: boolean): tfc.Tensor;
}

function resized(x: tfc.Tensor, size: readonly number[], method: Interpolation): tfc.Tensor {
  return mapAxes(
    x,
    size.map((to, i) => (x.shape[i + 1] === to ? null : resizeAxis(to, method))),
  );
}

/** The part of the middle with the proportions of `size`. */
function croppedTo(x: tfc.Tensor, [height, width]: readonly number[]): tfc.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [ch, cw] = [Math.min(h, Math.floor((w * height) / width)), Math.min(w, Math.floor((h * width) / height))];
  return tfc.slice(x, [0, middle(h, ch), middle(w, cw), 0], [n, ch, cw, c]);
}

/** Keras's Resizing: half-pixel centres, no smoothing when it shrinks. */
export class Resizing extends Sized {
  static readonly className = 'KernelscopeResizing';

  protected override change(x: tfc.Tensor): tfc.Tensor {
    const method = String(this.config.interpolation ?? 'bilinear');
    if (!['nearest', 'bilinear', 'bicubic', 'area'].includes(method))
      throw new Error(`${this.name} resizes with ${method}, which is not known; use bilinear, nearest, bicubic or area`);
    const part = this.config.cropToAspectRatio === true ? croppedTo(x, this.size) : x;
    // TensorFlow 2 takes the pixel whose centre is nearest.
    return resized(part, this.size, method === 'nearest' ? 'nearestExact' : (method as Interpolation));
  }
}

/** The middle of images [n, h, w, c]; those that are too small are enlarged first. */
export function centred(x: tfc.Tensor, size: readonly [number, number]): tfc.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [height, width] = size;
  if (h < height || w < width) return resized(croppedTo(x, size), size, 'bilinear');
  return tfc.slice(x, [0, middle(h, height), middle(w, width), 0], [n, height, width, c]);
}

/** Keras's CenterCrop. */
export class CenterCrop extends Sized {
  static readonly className = 'KernelscopeCenterCrop';

  protected override change(x: tfc.Tensor): tfc.Tensor {
    return centred(x, this.size);
  }
}

const interpolations: Record<string, Interpolation> = {
  nearest: 'nearest',
  'nearest-exact': 'nearestExact',
  linear: 'bilinear',
  bilinear: 'bilinear',
  trilinear: 'bilinear',
  bicubic: 'bicubic',
  area: 'area',
};

/**
 * What PyTorch does along the axes of an image and Keras has no layer for: Upsample in all modes, reflection, replication and circular
 * padding, adaptive average pooling, windows put side by side. `kind` says which, `sizes`, `pads` and `indices` how.
 */
export class AxisMaps extends OwnLayer {
  static readonly className = 'KernelscopeAxisMaps';

  private maps(): (AxisMap | null)[] {
    const { kind, sizes, pads, scales, indices } = this.config as {
      kind: string;
      indices?: number[][];
      sizes?: number[];
      pads?: [number, number][];
      scales?: (number | null)[];
    };
    if (kind === 'pad')
      return (pads ?? []).map(([before, after]) =>
        before + after === 0 ? null : padAxisWith(this.config.mode as 'reflect' | 'replicate' | 'circular', before, after),
      );
    if (kind === 'take') return (indices ?? []).map(takeAxis);
    if (kind === 'adaptiveAverage') return (sizes ?? []).map((to) => adaptiveAverageAxis(to));
    const mode = interpolations[String(this.config.interpolation)];
    return (sizes ?? []).map((to, i) => resizeAxis(to, mode, this.config.alignCorners === true, -0.75, scales?.[i] ?? undefined));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, ...rest] = oneShape(inputShape);
    const maps = this.maps();
    return [batch, ...rest.map((n, i) => (maps[i] && n !== null ? maps[i](n).to : n))];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return mapAxes(single(inputs), this.maps());
  }
}
