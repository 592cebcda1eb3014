import type { ColorTheme } from '../common/colorMap';
import { atlasLayout, renderKernelAtlas } from '../common/kernelAtlas';
import type { HoverPicture } from './hoverText';
import { number } from './hoverText';
import { encodePng } from '../base/png';

const MAX_WIDTH = 440;
const MAX_HEIGHT = 240;
/** VS Code prints a longer data URI as text. */
const MAX_URI_CHARACTERS = 250_000;

/**
 * The first kernels of a tensor as a picture for a hover, on one colour scale.
 * @param shape [kh, kw, cin, filters] of `values`.
 * @param filters how many the tensor has.
 * @returns null when even one kernel is too large.
 */
export function kernelsPicture(
  name: string,
  values: Float32Array,
  shape: readonly number[],
  filters: number,
  theme: ColorTheme,
): HoverPicture | null {
  const [kh, kw, cin, count] = shape;
  const pixelsPerWeight = comfortableSize(shape);
  for (let shown = count; shown >= 1; shown = Math.floor(shown * 0.8)) {
    const order = Array.from({ length: shown }, (_, f) => f);
    const options = { maxWidth: MAX_WIDTH, gap: 6, order, pixelsPerWeight } as const;
    const plan = atlasLayout(shape, options);
    if ((plan.height > MAX_HEIGHT || plan.width > MAX_WIDTH * 2) && shown > 1) continue;
    const atlas = renderKernelAtlas(values, shape, { ...options, theme });
    const dataUri = `data:image/png;base64,${encodePng(atlas.data, atlas.width, atlas.height).toString('base64')}`;
    if (dataUri.length > MAX_URI_CHARACTERS) continue;
    const what = `${shown < filters ? `first ${shown} of ${filters} kernels` : `${filters} kernels`} of ${kh} × ${kw} × ${cin}`;
    const mode =
      atlas.mode === 'channels' ? ', input channels side by side' : atlas.mode === 'norm' ? ', as the norm over their input channels' : '';
    const legend =
      atlas.mode === 'norm'
        ? `grey 0, orange ${number(atlas.scale)}`
        : `blue −${number(atlas.scale)}, grey 0, orange +${number(atlas.scale)}`;
    return { dataUri, width: atlas.width, height: atlas.height, alt: `${what} of ${name}`, caption: `${what}${mode}; ${legend}` };
  }
  return null;
}

/** Larger tiles than usual where all of them still fit a hover at first sight; undefined: the usual size. */
function comfortableSize(shape: readonly number[]): number | undefined {
  const usual = atlasLayout(shape, { maxWidth: MAX_WIDTH, gap: 6 }).pixelsPerWeight;
  for (const factor of [2.5, 2, 1.5]) {
    const pixelsPerWeight = Math.floor(usual * factor);
    const { width, height } = atlasLayout(shape, { maxWidth: MAX_WIDTH, gap: 6, pixelsPerWeight });
    if (height <= 160 && width <= MAX_WIDTH) return pixelsPerWeight;
  }
  return undefined;
}
