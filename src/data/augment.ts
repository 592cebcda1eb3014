import type { AugmentationSpec } from '../common/dataSpec';
import type { Random } from '../common/random';
import { affine, type AffineMatrix, type FillMode } from './affine';

/** One image's random change, drawn before the pixels are there so that the draws do not depend on when images arrive. */
export interface DrawnChange {
  /** Degrees. */
  rotation: number;
  /** Pixels, downwards and to the right. */
  shiftY: number;
  shiftX: number;
  /** Degrees. */
  shear: number;
  zoomY: number;
  zoomX: number;
  flipX: boolean;
  flipY: boolean;
  channelShift: number;
  brightness: number | null;
}

/**
 * Draws one image's change as Keras's ImageDataGenerator.get_random_transform does: shifts below 1 are fractions of the size, a
 * zoom number z means [1 - z, 1 + z], rows and columns zoom independently.
 */
export function drawChange(spec: AugmentationSpec, height: number, width: number, random: Random): DrawnChange {
  const around = (range: number | undefined): number => (range ? random.uniform(-range, range) : 0);
  const shift = (range: number | undefined, size: number): number => around(range) * (range && range < 1 ? size : 1);
  const zoom = typeof spec.zoomRange === 'number' ? [1 - spec.zoomRange, 1 + spec.zoomRange] : (spec.zoomRange ?? [1, 1]);
  const zooms = zoom[0] !== 1 || zoom[1] !== 1;
  return {
    rotation: around(spec.rotationRange),
    shiftY: shift(spec.heightShiftRange, height),
    shiftX: shift(spec.widthShiftRange, width),
    shear: around(spec.shearRange),
    zoomY: zooms ? random.uniform(zoom[0], zoom[1]) : 1,
    zoomX: zooms ? random.uniform(zoom[0], zoom[1]) : 1,
    flipX: !!spec.horizontalFlip && random.next() < 0.5,
    flipY: !!spec.verticalFlip && random.next() < 0.5,
    channelShift: around(spec.channelShiftRange),
    brightness: spec.brightnessRange ? random.uniform(spec.brightnessRange[0], spec.brightnessRange[1]) : null,
  };
}

/**
 * Applies a change as Keras's apply_transform does: the affine part, channel shift, flips, brightness.
 * @param pixels height × width × channels values from 0 to `valueRange`, not yet rescaled; changed in place
 */
export function applyChange(
  pixels: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  change: DrawnChange,
  fillMode: FillMode,
  valueRange: number,
): void {
  affine(pixels, [height, width, channels], matrixOf(change), fillMode);
  if (change.channelShift) addWithinRange(pixels, (change.channelShift * valueRange) / 255);
  if (change.flipX) flipColumns(pixels, height, width, channels);
  if (change.flipY) flipRows(pixels, height, width * channels);
  if (change.brightness !== null) brighten(pixels, change.brightness, valueRange);
}

/**
 * The same change of a mask: its classes are moved and not blended.
 * @param mask rows × columns class indices; changed in place
 * @param image [height, width, …] of the image, whose pixels the shifts are in
 */
export function changeMask(
  mask: Float32Array,
  [rows, columns]: readonly [number, number],
  change: DrawnChange,
  [height, width]: readonly [number, number, number],
  fillMode: FillMode,
): void {
  const matrix = matrixOf({ ...change, shiftY: (change.shiftY * rows) / height, shiftX: (change.shiftX * columns) / width });
  affine(mask, [rows, columns, 1], matrix, fillMode, 'nearest');
  if (change.flipX) flipColumns(mask, rows, columns, 1);
  if (change.flipY) flipRows(mask, rows, columns);
}

/**
 * rotation · shift · shear · zoom over (x, y, 1), as Keras has built it since 2.9 (before, rows and columns were exchanged, so that
 * pictures were sheared upright). Unlike there, the height shift moves rows and the width shift columns.
 */
function matrixOf(change: DrawnChange): AffineMatrix {
  const theta = (change.rotation * Math.PI) / 180;
  const shear = (change.shear * Math.PI) / 180;
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  const [slant, squeeze] = [-Math.sin(shear), Math.cos(shear)];
  return {
    xx: cos * change.zoomX,
    xy: (cos * slant - sin * squeeze) * change.zoomY,
    dx: cos * change.shiftX - sin * change.shiftY,
    yx: sin * change.zoomX,
    yy: (sin * slant + cos * squeeze) * change.zoomY,
    dy: sin * change.shiftX + cos * change.shiftY,
  };
}

/** Keras's apply_channel_shift: one number added to all channels, cut to the picture's own range. */
function addWithinRange(pixels: Float32Array, by: number): void {
  let low = Infinity;
  let high = -Infinity;
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(high, Math.max(low, pixels[i] + by));
}

function flipRows(pixels: Float32Array, height: number, rowSize: number): void {
  for (let y = 0; y < height >> 1; y++) {
    const upper = pixels.slice(y * rowSize, (y + 1) * rowSize);
    pixels.copyWithin(y * rowSize, (height - 1 - y) * rowSize, (height - y) * rowSize);
    pixels.set(upper, (height - 1 - y) * rowSize);
  }
}

function flipColumns(pixels: Float32Array, height: number, width: number, channels: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width >> 1; x++) {
      const left = (y * width + x) * channels;
      const right = (y * width + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) {
        const value = pixels[left + c];
        pixels[left + c] = pixels[right + c];
        pixels[right + c] = value;
      }
    }
  }
}

/** Keras goes through Pillow's 8-bit ImageEnhance.Brightness: cut to bytes, multiplied, clipped, cut again. */
function brighten(pixels: Float32Array, factor: number, valueRange: number): void {
  const toBytes = 255 / valueRange;
  for (let i = 0; i < pixels.length; i++) {
    const byte = Math.trunc(pixels[i] * toBytes);
    pixels[i] = Math.trunc(Math.min(255, Math.max(0, byte * factor))) / toBytes;
  }
}
