/** How a picture is brought to another size. */
export type Interpolation = 'nearest' | 'bilinear';

/** Keras's names; what it has beyond these (bicubic, lanczos, …) is drawn as bilinear. */
export function interpolationNamed(name: string | undefined, fallback: Interpolation): Interpolation {
  if (name === undefined) return fallback;
  return name === 'nearest' ? 'nearest' : 'bilinear';
}

/**
 * Resizes without antialiasing, with half-pixel centres: `nearest` is Pillow's NEAREST (Keras's load_img), `bilinear` is
 * tf.image.resize's (image_dataset_from_directory).
 * @param pixels height × width × channels values
 * @returns targetHeight × targetWidth × channels values; `pixels` itself when the size stays
 */
export function resize(
  pixels: Float32Array | Uint8Array | Uint8ClampedArray,
  [height, width, channels]: readonly [number, number, number],
  [targetHeight, targetWidth]: readonly [number, number],
  interpolation: Interpolation,
): Float32Array {
  if (height === targetHeight && width === targetWidth) return pixels instanceof Float32Array ? pixels : Float32Array.from(pixels);
  const out = new Float32Array(targetHeight * targetWidth * channels);
  const columns = sampling(width, targetWidth, interpolation, channels);
  const rows = sampling(height, targetHeight, interpolation, width * channels);
  let at = 0;
  for (let y = 0; y < targetHeight; y++) {
    const top = rows.low[y];
    const bottom = rows.high[y];
    const fy = rows.fraction[y];
    for (let x = 0; x < targetWidth; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const fx = columns.fraction[x];
      for (let c = 0; c < channels; c++) {
        const a = pixels[top + left + c];
        const b = pixels[top + right + c];
        const d = pixels[bottom + left + c];
        const e = pixels[bottom + right + c];
        const upper = a + (b - a) * fx;
        out[at++] = upper + (d + (e - d) * fx - upper) * fy;
      }
    }
  }
  return out;
}

/** Along one axis, for each target place: the offsets of its two source neighbours and the weight of the second. */
function sampling(size: number, target: number, interpolation: Interpolation, stride: number) {
  const low = new Int32Array(target);
  const high = new Int32Array(target);
  const fraction = new Float32Array(target);
  const scale = size / target;
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
    if (interpolation === 'nearest') {
      low[i] = high[i] = Math.min(Math.floor(centre), size - 1) * stride;
      continue;
    }
    const place = centre - 0.5;
    const below = Math.floor(place);
    low[i] = Math.max(below, 0) * stride;
    high[i] = Math.min(below + 1, size - 1) * stride;
    fraction[i] = place - below;
  }
  return { low, high, fraction };
}
