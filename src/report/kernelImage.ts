import { encodePng } from '../base/png';
import type { ColorTheme } from '../common/colorMap';
import { atlasLayout, renderKernelAtlas } from '../common/kernelAtlas';
import { kernelGeometry, kernelKind } from '../common/kernelGeometry';
import type { LayerInfo, WeightSpec } from '../common/modelSpec';
import { maxAbs } from '../common/stats';
import { escapeHtml } from './html';

const MAX_WIDTH = 460;

/** What of a layer's weight is drawn at most, so that a report stays small. */
export interface PictureLimits {
  kernels: number;
}

/** The one scale on which both pictures of a layer are drawn. */
export function sharedScale(layer: LayerInfo, weight: WeightSpec, values: readonly Float32Array[], limits: PictureLimits): number {
  const layout = atlasLayout(weight.shape, options(layer, weight, limits));
  return Math.max(...values.map((v) => maxAbs(layout.prepare(v))), Number.MIN_VALUE);
}

/** Kernels as an image for light and for dark pages, inside the file. */
export function kernelImage(
  layer: LayerInfo,
  weight: WeightSpec,
  values: Float32Array,
  scale: number,
  limits: PictureLimits,
  alt: string,
): string {
  const draw = (theme: ColorTheme) => {
    const { data, width, height } = renderKernelAtlas(values, weight.shape, { ...options(layer, weight, limits), theme, scale });
    return { uri: `data:image/png;base64,${encodePng(data, width, height).toString('base64')}`, width, height };
  };
  const [light, dark] = [draw('light'), draw('dark')];
  return `<picture><source media="(prefers-color-scheme: dark)" srcset="${dark.uri}"><img src="${light.uri}" width="${light.width}" height="${light.height}" alt="${escapeHtml(alt)}"></picture>`;
}

/** How many kernels of a weight are drawn. */
export function drawnKernels(layer: LayerInfo, weight: WeightSpec, { kernels }: PictureLimits): number {
  return Math.min(kernelGeometry(weight.shape, kernelKind(layer.className, weight.name))?.filters ?? 0, kernels);
}

function options(layer: LayerInfo, weight: WeightSpec, limits: PictureLimits) {
  const kind = kernelKind(layer.className, weight.name);
  const { filters = 0, cin = 1 } = kernelGeometry(weight.shape, kind) ?? {};
  const order = filters > limits.kernels ? Array.from({ length: limits.kernels }, (_, f) => f) : undefined;
  return { kind, maxWidth: MAX_WIDTH, gap: cin > 1 ? 8 : 4, order };
}
