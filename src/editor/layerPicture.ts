import type { ColorTheme } from '../common/colorMap';

import { atlasLayout, renderKernelAtlas, type AtlasOptions, type KernelAtlas } from '../common/kernelAtlas';
import { kernelGeometry } from '../common/kernelGeometry';
import { histogramPicture } from './histogramPicture';
import type { HoverPicture } from './hoverText';
import { number } from './hoverText';
import type { LayerReport, WeightReport } from './layerReport';
import { encodePng } from '../base/png';
import { stackPictures } from './stackPictures';

const MAX_WIDTH = 440;
/** A hover shows some 250 pixels before it scrolls; what is said about the picture is to be seen with it. */
const MAX_HEIGHT = 140;
/** VS Code prints a longer data URI as text (about 262,144 characters). */
const MAX_URI_CHARACTERS = 250_000;

/** The picture of a layer's weights for its hover: kernels as tiles, a matrix or vectors as a heat map, a large matrix as a histogram. */
export function layerPicture(report: LayerReport, theme: ColorTheme): HoverPicture | null {
  const main = report.weights.find((w) => w.spec.shape.length >= 2);
  if (main) return kernelGeometry(main.spec.shape) ? kernelPicture(report, main, theme) : matrixPicture(report, main, theme);
  return vectorsPicture(report, theme);
}

function kernelPicture(report: LayerReport, weight: WeightReport, theme: ColorTheme): HoverPicture | null {
  const kind = /Depthwise|Separable/.test(report.layer.className)
    ? 'depthwise'
    : /Transpose/.test(report.layer.className)
      ? 'transpose'
      : 'conv';
  const geometry = kernelGeometry(weight.spec.shape, kind);
  if (!geometry) return null;
  const { kh, kw, cin, filters } = geometry;
  const pixelsPerWeight = comfortableSize(weight.spec.shape, kind);
  // Fewer kernels when they do not all fit; the scale stays the whole layer's.
  for (let shown = filters; shown >= 1; shown = Math.floor(shown * 0.8)) {
    const order = Array.from({ length: shown }, (_, f) => f);
    const options = { kind, maxWidth: MAX_WIDTH, order, gap: 6, pixelsPerWeight } as const;
    if (atlasLayout(weight.spec.shape, options).height > MAX_HEIGHT && shown > 1) continue;
    const atlas = renderKernelAtlas(weight.values, weight.spec.shape, { ...options, theme });
    const which = shown < filters ? `first ${shown} of ${filters} kernels` : `${filters} kernels`;
    const what = `${which} of ${kh} × ${kw} × ${cin}`;
    const picture = toPicture(
      atlas,
      `${what} weights of ${report.layer.name}, ${whenText(report)}, values ${rangeText(weight)}`,
      `${what}${modeText(atlas)}; ${legend(atlas.scale)}`,
    );
    if (picture) return picture;
  }
  return null;
}

/** Larger tiles than usual where the whole layer still fits a hover at first sight; undefined: the usual size. */
function comfortableSize(shape: readonly number[], kind: AtlasOptions['kind']): number | undefined {
  const usual = atlasLayout(shape, { kind, maxWidth: MAX_WIDTH, gap: 6 }).pixelsPerWeight;
  for (const factor of [2, 1.5]) {
    const pixelsPerWeight = Math.floor(usual * factor);
    const { width, height } = atlasLayout(shape, { kind, maxWidth: MAX_WIDTH, gap: 6, pixelsPerWeight });
    if (height <= 120 && width <= MAX_WIDTH) return pixelsPerWeight;
  }
  return undefined;
}

function matrixPicture(report: LayerReport, weight: WeightReport, theme: ColorTheme): HoverPicture | null {
  const [inputs, units] = weight.spec.shape;
  const what = `${inputs} × ${units} weights (inputs × units)`;
  const alt = `${what} of ${report.layer.name}, ${whenText(report)}, values ${rangeText(weight)}`;
  const plan = atlasLayout(weight.spec.shape, { maxWidth: MAX_WIDTH });
  if (weight.spec.shape.length === 2 && plan.height <= MAX_HEIGHT) {
    const atlas = renderKernelAtlas(weight.values, weight.spec.shape, { theme, maxWidth: MAX_WIDTH });
    const picture = toPicture(atlas, alt, `${what}; ${legend(atlas.scale)}`);
    if (picture) return picture;
  }
  const drawn = histogramPicture(weight.values, MAX_WIDTH, 96, theme);
  return toPicture(
    drawn,
    `Histogram of ${alt}`,
    `Histogram of ${what}, from ${number(drawn.low)} to ${number(drawn.high)}; highest bar ${drawn.highest.toLocaleString('en-US')} weights`,
  );
}

function vectorsPicture(report: LayerReport, theme: ColorTheme): HoverPicture | null {
  // Vectors that hold one value only, as biases and batch-norm weights do before training, make no picture.
  const shown = report.weights.filter((w) => w.statistics.min !== w.statistics.max);
  if (shown.length === 0) return null;
  const strips = shown.map((w) => renderKernelAtlas(w.values, w.spec.shape, { theme, maxWidth: MAX_WIDTH }));
  const captions = shown.map((w, i) => `${w.spec.name} ±${number(strips[i].scale)}`);
  return toPicture(
    stackPictures(strips, 6),
    `${shown.map((w) => w.spec.name).join(', ')} of ${report.layer.name}, ${whenText(report)}`,
    `From the top: ${captions.join(', ')} (blue negative, orange positive)`,
  );
}

function toPicture(image: { data: Uint8ClampedArray; width: number; height: number }, alt: string, caption: string): HoverPicture | null {
  const dataUri = `data:image/png;base64,${encodePng(image.data, image.width, image.height).toString('base64')}`;
  return dataUri.length <= MAX_URI_CHARACTERS ? { dataUri, width: image.width, height: image.height, alt, caption } : null;
}

function whenText(report: LayerReport): string {
  return report.step === null ? `as drawn with seed ${report.seed}` : `after step ${report.step}`;
}

function rangeText(weight: WeightReport): string {
  return `${number(weight.statistics.min)} to ${number(weight.statistics.max)}`;
}

function legend(scale: number): string {
  return `blue −${number(scale)}, grey 0, orange +${number(scale)}`;
}

function modeText(atlas: KernelAtlas): string {
  if (atlas.mode === 'channels') return ', input channels side by side in each tile';
  return atlas.mode === 'norm' ? ', drawn as the norm over their input channels' : '';
}
