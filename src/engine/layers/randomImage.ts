import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../../common/random';
import { affine, fillModeNamed, type AffineMatrix, type FillMode } from '../../data/affine';
import { noiseBits } from '../noise';
import { host } from '../ops/host';
import { NoiseLayer, type LayerConfig } from './noiseLayer';

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
  protected abstract change(pixels: Float32Array, shape: ImageShape, random: Random): void;

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
    const mode = String(this.config.mode ?? 'horizontal_and_vertical');
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

  protected override change(pixels: Float32Array, [, , channels]: ImageShape, random: Random): void {
    const given = this.config.factor;
    const [lower, upper] = Array.isArray(given) ? given.map(Number) : [Number(given), Number(given)];
    const factor = random.uniform(1 - lower, 1 + upper);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = c; i < pixels.length; i += channels) sum += pixels[i];
      const mean = (sum * channels) / pixels.length;
      for (let i = c; i < pixels.length; i += channels) pixels[i] = (pixels[i] - mean) * factor + mean;
    }
  }
}

/** Keras's RandomBrightness: adds the same share of the value range everywhere, and stays in the range. */
export class SeededRandomBrightness extends RandomImageLayer {
  static readonly className = 'SeededRandomBrightness';

  protected override change(pixels: Float32Array, _shape: ImageShape, random: Random): void {
    const [low, high] = (this.config.valueRange as [number, number] | undefined) ?? [0, 255];
    const by = random.uniform(...(this.range('factor') ?? [0, 0])) * (high - low);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(high, Math.max(low, pixels[i] + by));
  }
}
