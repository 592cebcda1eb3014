import { ArrayImageSet, type ImageSet, type MaskSet } from '../imageSet';
import { rowSize, type NamedArray } from './namedArray';

type Shape = readonly [number, number, number];

const isChannelCount = (n: number): boolean => n >= 1 && n <= 4;

/**
 * The height, width and channels of an array's rows as images, and whether channels come first; null when they are none.
 * @param wanted shape of the model's input, which settles rows without a shape of their own
 */
export function imageShapeOf(array: NamedArray, wanted: Shape): { shape: Shape; isChannelsFirst: boolean } | null {
  const [, a, b, c] = array.shape;
  switch (array.shape.length) {
    case 4:
      if (isChannelCount(c)) return { shape: [a, b, c], isChannelsFirst: false };
      return isChannelCount(a) ? { shape: [b, c, a], isChannelsFirst: true } : null;
    case 3:
      return { shape: [a, b, 1], isChannelsFirst: false };
    case 2:
      return flatShape(a, wanted);
    default:
      return null;
  }
}

/** Rows of `size` values: the model's own input shape, or a square of grey or coloured pixels. */
export function flatShape(size: number, wanted: Shape): { shape: Shape; isChannelsFirst: boolean } | null {
  if (size === wanted[0] * wanted[1] * wanted[2]) return { shape: [wanted[0], wanted[1], wanted[2]], isChannelsFirst: false };
  for (const channels of [1, 3]) {
    const side = Math.sqrt(size / channels);
    if (Number.isInteger(side) && side >= 4) return { shape: [side, side, channels], isChannelsFirst: false };
  }
  return null;
}

/** Rows as images with their labels. */
export function imagesOf(
  array: NamedArray,
  labels: Int32Array,
  { shape, isChannelsFirst }: { shape: Shape; isChannelsFirst: boolean },
  masks?: MaskSet,
): ImageSet {
  return new ArrayImageSet(shape, isChannelsFirst ? channelsLast(array, shape) : array.values, labels, masks);
}

/** [n, c, h, w] as [n, h, w, c]. */
export function channelsLast(array: NamedArray, [height, width, channels]: Shape): Uint8Array | Float32Array {
  const { values } = array;
  if (channels === 1) return values;
  const result = values instanceof Uint8Array ? new Uint8Array(values.length) : new Float32Array(values.length);
  const size = rowSize(array);
  const plane = height * width;
  for (let row = 0; row < values.length; row += size)
    for (let c = 0; c < channels; c++) for (let p = 0; p < plane; p++) result[row + p * channels + c] = values[row + c * plane + p];
  return result;
}
