/** What stands outside the picture, in Keras's words. */
export type FillMode = 'nearest' | 'constant' | 'reflect' | 'wrap';

export function fillModeNamed(name: string | undefined): FillMode {
  return name === 'constant' || name === 'reflect' || name === 'wrap' ? name : 'nearest';
}

/** From a place in the new picture (x to the right, y down, seen from the centre) to the place in the old one. */
export interface AffineMatrix {
  xx: number;
  xy: number;
  dx: number;
  yx: number;
  yy: number;
  dy: number;
}

/**
 * Keras's apply_affine_transform: each value of the new picture is read, bilinearly, from the place that `matrix` gives in
 * the old one, both seen from the centre (size / 2 - 0.5). In place.
 * @param pixels height × width × channels values
 * @param how `nearest`: the value nearest to that place, for what cannot be blended
 */
export function affine(
  pixels: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  { xx, xy, dx, yx, yy, dy }: AffineMatrix,
  fillMode: FillMode,
  how: 'bilinear' | 'nearest' = 'bilinear',
): void {
  if (xx === 1 && xy === 0 && dx === 0 && yx === 0 && yy === 1 && dy === 0) return;
  const old = pixels.slice();
  const middleY = height / 2 - 0.5;
  const middleX = width / 2 - 0.5;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const y = yx * (column - middleX) + yy * (row - middleY) + dy + middleY;
      const x = xx * (column - middleX) + xy * (row - middleY) + dx + middleX;
      const at = (row * width + column) * channels;
      if (fillMode === 'constant' && (y < 0 || x < 0 || y > height - 1 || x > width - 1)) {
        // scipy's 'constant' does not blend the border with the fill value (0).
        pixels.fill(0, at, at + channels);
        continue;
      }
      let py = inside(y, height, fillMode);
      let px = inside(x, width, fillMode);
      if (how === 'nearest') [py, px] = [Math.round(py), Math.round(px)];
      const y0 = Math.floor(py);
      const x0 = Math.floor(px);
      const below = neighbour(y0, height, fillMode);
      const right = neighbour(x0, width, fillMode);
      const fy = py - y0;
      const fx = px - x0;
      for (let k = 0; k < channels; k++) {
        const top = old[(y0 * width + x0) * channels + k] * (1 - fx) + old[(y0 * width + right) * channels + k] * fx;
        const bottom = old[(below * width + x0) * channels + k] * (1 - fx) + old[(below * width + right) * channels + k] * fx;
        pixels[at + k] = top * (1 - fy) + bottom * fy;
      }
    }
  }
}

/** Maps a place on one axis into 0 … size - 1 as scipy.ndimage's modes do. */
function inside(place: number, size: number, mode: FillMode): number {
  if (place >= 0 && place <= size - 1) return place;
  if (mode === 'nearest' || mode === 'constant') return place < 0 ? 0 : size - 1;
  if (size === 1) return 0;
  if (mode === 'wrap') {
    // scipy's 'wrap' has the period size - 1.
    const period = size - 1;
    return place - Math.floor(place / period) * period;
  }
  // 'reflect': d c b a | a b c d | d c b a, mirrored at half a pixel beyond the border.
  const period = 2 * size;
  const folded = place + 0.5 - Math.floor((place + 0.5) / period) * period;
  return Math.min(size - 1, Math.max(0, (folded < size ? folded : period - folded) - 0.5));
}

function neighbour(index: number, size: number, mode: FillMode): number {
  if (index + 1 < size) return index + 1;
  return mode === 'wrap' && size > 1 ? 1 : size - 1;
}
