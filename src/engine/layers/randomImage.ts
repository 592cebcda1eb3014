import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../../common/random';
import { affine, fillModeNamed, type AffineMatrix, type FillMode } from '../../data/affine';
import { noiseBits } from '../noise';
import { host } from '../ops/host';
import { centred } from './imageLayers';
import { single } from './layerClasses';
import { NoiseLayer, type LayerConfig } from './noiseLayer';
import { oneShape, type Shape } from './ownLayer';

/** [height, width, channels] */
type ImageShape = readonly [number, number, number];

/** A Keras layer that changes every training image in its own random way. */
abstract class RandomImageLayer extends NoiseLayer {
  constructor(protected readonly config: LayerConfig) {
    super(config);
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.config as tfc.serialization.ConfigDict) };
  }

  protected override disturb(input: tfc.Tensor): tfc.Tensor {
    const [count, ...shape] = input.shape;
    const size = tfc.util.sizeFromShape(shape);
    return host(input, input.shape, (values, out) => {
      out.set(values!);
      const key = this.noiseKey();
      for (let i = 0; i < count; i++)
        this.change(out.subarray(i * size, (i + 1) * size), shape as unknown as ImageShape, new Random(noiseBits(key, i)));
    });
  }

  /** Changes one image in place. */
  protected change(_pixels: Float32Array, _shape: ImageShape, _random: Random): void {
    throw new Error(`${this.name} does not change single images`);
  }

  /** A random number per image between two bounds, [n, 1, …]. */
  protected perImage(x: tfc.Tensor, low: number, high: number): tfc.Tensor {
    const shape = x.shape.map((n, i) => (i === 0 ? n : 1));
    return host(null, shape, (_, out) => {
      const key = this.noiseKey();
      for (let i = 0; i < out.length; i++) out[i] = new Random(noiseBits(key, i)).uniform(low, high);
    });
  }

  /** A Keras factor: one number f means from -f to f. */
  protected range(name: string): [number, number] | null {
    const value = this.config[name];
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return [Number(value[0]), Number(value[1])];
    return [-Number(value), Number(value)];
  }

  protected get fillMode(): FillMode {
    return fillModeNamed(String(this.config.fillMode ?? 'reflect'));
  }
}

/** The last layer of a model, inner models included, that changes images at random; null when there is none. */
export function lastRandomImageLayer(model: tfl.LayersModel): tfl.layers.Layer | null {
  const layersOf = (m: tfl.LayersModel): tfl.layers.Layer[] =>
    m.layers.flatMap((l) => (l instanceof tfl.LayersModel ? layersOf(l) : [l as tfl.layers.Layer]));
  return layersOf(model).findLast((l) => l instanceof RandomImageLayer) ?? null;
}

const IDENTITY: AffineMatrix = { xx: 1, xy: 0, dx: 0, yx: 0, yy: 1, dy: 0 };

/** Keras's RandomFlip. */
export class SeededRandomFlip extends RandomImageLayer {
  static readonly className = 'SeededRandomFlip';

  protected override change(pixels: Float32Array, shape: ImageShape, random: Random): void {
    // In camel case: `horizontalAndVertical`.
    const mode = String(this.config.mode ?? 'horizontal_and_vertical').toLowerCase();
    const flipX = random.next() < 0.5 && mode.includes('horizontal');
    const flipY = random.next() < 0.5 && mode.includes('vertical');
    affine(pixels, shape, { ...IDENTITY, xx: flipX ? -1 : 1, yy: flipY ? -1 : 1 }, 'nearest');
  }
}

/** Keras's RandomRotation: factors are fractions of a full turn. */
export class SeededRandomRotation extends RandomImageLayer {
  static readonly className = 'SeededRandomRotation';

  protected override change(pixels: Float32Array, shape: ImageShape, random: Random): void {
    const angle = 2 * Math.PI * random.uniform(...(this.range('factor') ?? [0, 0]));
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    affine(pixels, shape, { ...IDENTITY, xx: cos, xy: -sin, yx: sin, yy: cos }, this.fillMode);
  }
}

/** Keras's RandomZoom: a factor of 0.2 shrinks by 20 %, -0.2 enlarges; without a width factor the proportions stay. */
export class SeededRandomZoom extends RandomImageLayer {
  static readonly className = 'SeededRandomZoom';

  protected override change(pixels: Float32Array, shape: ImageShape, random: Random): void {
    const yy = 1 + random.uniform(...(this.range('heightFactor') ?? [0, 0]));
    const width = this.range('widthFactor');
    affine(pixels, shape, { ...IDENTITY, xx: width ? 1 + random.uniform(...width) : yy, yy }, this.fillMode);
  }
}

/** Keras's RandomTranslation: factors are fractions of height and width; positive is down and to the right. */
export class SeededRandomTranslation extends RandomImageLayer {
  static readonly className = 'SeededRandomTranslation';

  protected override change(pixels: Float32Array, shape: ImageShape, random: Random): void {
    const dy = -shape[0] * random.uniform(...(this.range('heightFactor') ?? [0, 0]));
    const dx = -shape[1] * random.uniform(...(this.range('widthFactor') ?? [0, 0]));
    affine(pixels, shape, { ...IDENTITY, dx, dy }, this.fillMode);
  }
}

/** Keras's RandomContrast: (x - mean) · factor + mean per channel, with a factor between 1 - lower and 1 + upper. */
export class SeededRandomContrast extends RandomImageLayer {
  static readonly className = 'SeededRandomContrast';

  protected override disturb(x: tfc.Tensor): tfc.Tensor {
    const given = this.config.factor;
    const [lower, upper] = Array.isArray(given) ? given.map(Number) : [Number(given), Number(given)];
    const factor = this.perImage(x, 1 - lower, 1 + upper);
    const mean = tfc.avgPool(x as tfc.Tensor4D, [x.shape[1]!, x.shape[2]!], 1, 'valid');
    const y = tfc.add(tfc.mul(tfc.sub(x, mean), factor), mean);
    const range = this.config.valueRange as [number, number] | undefined;
    return range ? tfc.clipByValue(y, range[0], range[1]) : y;
  }
}

/** Keras's RandomBrightness: adds the same share of the value range everywhere, and stays in the range. */
export class SeededRandomBrightness extends RandomImageLayer {
  static readonly className = 'SeededRandomBrightness';

  protected override disturb(x: tfc.Tensor): tfc.Tensor {
    const [low, high] = (this.config.valueRange as [number, number] | undefined) ?? [0, 255];
    const [least, most] = this.range('factor') ?? [0, 0];
    const by = this.perImage(x, least * (high - low), most * (high - low));
    return tfc.clipByValue(tfc.add(x, by), low, high);
  }
}

/** Keras's RandomCrop: in training a part from anywhere, the same place for a batch; else the middle, enlarged where it is too small. */
export class SeededRandomCrop extends RandomImageLayer {
  static readonly className = 'SeededRandomCrop';

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [h, w] = this.size;
    return oneShape(inputShape).map((n, i, all) => (i === all.length - 3 ? h : i === all.length - 2 ? w : n));
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor {
    const x = single(inputs) as tfc.Tensor4D;
    const [height, width] = this.size;
    if (kwargs.training && x.shape[1] >= height && x.shape[2] >= width) return tfc.tidy(() => this.disturb(x));
    return tfc.tidy(() => centred(x, this.size));
  }

  protected override disturb(x: tfc.Tensor): tfc.Tensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const [height, width] = this.size;
    return host(x, [n, height, width, c], (values, out) => {
      const random = new Random(noiseBits(this.noiseKey(), 0));
      const [top, left] = [random.integer(h - height + 1), random.integer(w - width + 1)];
      for (let i = 0; i < n * height; i++) {
        const from = ((Math.floor(i / height) * h + top + (i % height)) * w + left) * c;
        out.set(values!.subarray(from, from + width * c), i * width * c);
      }
    });
  }

  private get size(): [number, number] {
    return [Number(this.config.height), Number(this.config.width)];
  }
}
