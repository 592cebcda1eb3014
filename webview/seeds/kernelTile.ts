import type { ColorTheme } from '../../src/common/colorMap';
import { atlasLayout } from '../../src/common/kernelAtlas';
import { element } from '../ui/dom';

/** CSS pixels that a tile fills as well as whole pixels per weight allow. */
const TILE = 54;
const DEEP_TILE = 84;

/**
 * One kernel of a layer as a picture, in device pixels, every weight exactly in its table colour.
 * @param values of the whole layer, [kh, kw, cin, filters]
 * @param scale shared by all tiles of the layer
 */
export function kernelTile(
  values: Float32Array,
  shape: readonly number[],
  filter: number,
  scale: number,
  theme: ColorTheme,
  label: string,
): HTMLCanvasElement {
  const ratio = window.devicePixelRatio || 1;
  const target = (shape[2] > 3 ? DEEP_TILE : TILE) * ratio;
  const make = (pixelsPerWeight: number) => atlasLayout(shape, { pixelsPerWeight, order: [filter], maxWidth: 4 * target });
  let pixels = Math.max(1, Math.floor(target / Math.max(shape[0], shape[1])));
  while (pixels > 1 && Math.max(make(pixels).width, make(pixels).height) > target) pixels--;
  const layout = make(pixels);
  const { width, height } = layout;
  const canvas = element('canvas', { class: 'tile', attributes: { role: 'img', 'aria-label': label, width, height } });
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
  const image = new ImageData(width, height);
  layout.paint(new Uint32Array(image.data.buffer), 0, height, layout.prepare(values), scale, theme);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

/** The largest absolute value that is drawn of these kernels. */
export function tileScale(values: readonly Float32Array[], shape: readonly number[]): number {
  const layout = atlasLayout(shape);
  let largest = 0;
  for (const v of values) for (const x of layout.prepare(v)) largest = Math.max(largest, Math.abs(x));
  return largest;
}
