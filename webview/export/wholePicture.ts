import { signedColorMap, type ColorTheme } from '../../src/common/colorMap';
import { formatNumber } from '../ui/format';
import type { ExportSubject } from './exportSubject';

/** Browsers draw no canvas beyond this. */
const MAX_SIDE = 16_384;
const MAX_AREA = 100_000_000;

const MARGIN = 16;
const HEAD = 78;
const BAR = { width: 240, height: 10 };
const MIN_WIDTH = 420;

/** Colours of a picture that stands alone: those of the theme's own background and text. */
const PAPER: Record<ColorTheme, { background: string; text: string; quiet: string }> = {
  dark: { background: '#1f1f1f', text: '#e0e0e0', quiet: '#a0a0a0' },
  light: { background: '#ffffff', text: '#202020', quiet: '#606060' },
  'high-contrast': { background: '#000000', text: '#ffffff', quiet: '#d0d0d0' },
  'high-contrast-light': { background: '#ffffff', text: '#000000', quiet: '#303030' },
};

/** A picture in pieces, in device pixels: what PNG and SVG have in common. */
export interface WholePicture {
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  background: string;
  texts: { x: number; y: number; size: number; text: string; color: string; anchor: 'start' | 'middle' | 'end' }[];
  /** RGBA; transparent where there is no weight. */
  images: { x: number; y: number; image: ImageData }[];
}

/**
 * All tiles, also those out of sight, with title and colour bar.
 * @throws RangeError when the picture is too large to be drawn.
 */
export function wholePicture(subject: ExportSubject, ratio: number): WholePicture {
  const { layout, values, scale, theme, title, subtitle } = subject;
  const width = Math.max(layout.width, MIN_WIDTH * ratio) + 2 * MARGIN * ratio;
  const height = layout.height + (HEAD + 2 * MARGIN) * ratio;
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_AREA)
    throw new RangeError(`The picture would have ${width} × ${height} pixels; make the tiles smaller, or show fewer of them.`);
  const tiles = new ImageData(layout.width, layout.height);
  layout.paint(new Uint32Array(tiles.data.buffer), 0, layout.height, layout.prepare(values), scale, theme);
  const { background, text, quiet } = PAPER[theme];
  const isUnsigned = layout.mode === 'norm';
  const at = (n: number) => Math.round(n * ratio);
  const barTop = MARGIN + 40;
  const numbers: WholePicture['texts'] = [
    { x: 0, text: isUnsigned ? '0' : formatNumber(-scale), anchor: 'start' as const },
    ...(isUnsigned ? [] : [{ x: BAR.width / 2, text: '0', anchor: 'middle' as const }]),
    { x: BAR.width, text: isUnsigned ? formatNumber(scale) : `+${formatNumber(scale)}`, anchor: 'end' as const },
  ].map((t) => ({ ...t, x: at(MARGIN + t.x), y: at(barTop + BAR.height + 13), size: at(11), color: quiet }));
  return {
    width,
    height,
    ratio,
    background,
    texts: [
      { x: at(MARGIN), y: at(MARGIN + 12), size: at(14), text: title, color: text, anchor: 'start' },
      { x: at(MARGIN), y: at(MARGIN + 30), size: at(11), text: subtitle, color: quiet, anchor: 'start' },
      ...numbers,
    ],
    images: [
      { x: at(MARGIN), y: at(barTop), image: colourBar(theme, isUnsigned, at(BAR.width), at(BAR.height)) },
      { x: at(MARGIN), y: at(MARGIN + HEAD), image: tiles },
    ],
  };
}

function colourBar(theme: ColorTheme, isUnsigned: boolean, width: number, height: number): ImageData {
  const { words } = signedColorMap(theme);
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const first = isUnsigned ? 255 : 0;
  for (let x = 0; x < width; x++) out[x] = words[first + Math.round((x / (width - 1)) * (510 - first))];
  for (let y = 1; y < height; y++) out.copyWithin(y * width, 0, width);
  return image;
}
