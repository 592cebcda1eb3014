import type { AtlasLayout } from '../../src/common/atlasLayout';
import { atlasLayout } from '../../src/common/kernelAtlas';
import { kernelGeometry } from '../../src/common/kernelGeometry';
import type { AtlasMode } from '../../src/common/kernelLayout';
import type { WeightView } from '../run/layerView';

export interface FitRequest {
  view: WeightView;
  mode: AtlasMode;
  order: ArrayLike<number> | null;
  /** CSS pixels that there are, and that the picture should be high at most. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Steps larger or smaller than what fits. */
  zoom: number;
}

/** The layout with the largest whole pixels per weight at which all kernels can be seen at once, within what looks good; then `zoom` more. */
export function fitLayout(request: FitRequest): AtlasLayout {
  const { view, ratio, zoom } = request;
  const maxWidth = Math.max(16, Math.floor(request.width * ratio));
  const make = (pixels: number) =>
    atlasLayout(view.shape, {
      kind: view.kind,
      mode: request.mode,
      order: request.order ?? undefined,
      pixelsPerWeight: pixels,
      maxWidth,
      gap: view.item === 'kernel' || view.unfolded ? tileGap(view, pixels, ratio) : Math.round(6 * ratio),
    });
  let pixels = Math.max(1, Math.round(largest(view) * ratio));
  while (pixels > 1) {
    const layout = make(pixels);
    const tile = layout.rectsOf(0)[0];
    const isTile = layout.mode !== 'matrix' && layout.mode !== 'vector';
    const limit = (layout.mode === 'channels' && view.shape[view.shape.length - 2] > 1 ? 132 : 72) * ratio;
    const isTooLarge = isTile && Math.max(tile.width, tile.height) > limit;
    if (!isTooLarge && layout.height <= request.height * ratio && layout.width <= maxWidth) break;
    pixels--;
  }
  const zoomed = Math.max(1, Math.round(pixels * 1.35 ** zoom));
  return make(zoomed === pixels && zoom !== 0 ? Math.max(1, pixels + Math.sign(zoom)) : zoomed);
}

function largest(view: WeightView): number {
  if (view.item === 'value') return 24;
  return view.item === 'unit' && !view.unfolded ? 16 : 20;
}

/** Never a whole column wide; wider than the gaps between a tile's own slices (a third of a weight), so that tiles stay apart. */
function tileGap({ shape, kind }: WeightView, pixels: number, ratio: number): number {
  const gap = Math.max(Math.round(3 * ratio), Math.min(pixels, Math.round(8 * ratio)));
  const hasSlices = (kernelGeometry(shape, kind)?.cin ?? 1) > 1;
  return hasSlices ? Math.max(gap, Math.round(pixels / 3) * 3) : gap;
}
