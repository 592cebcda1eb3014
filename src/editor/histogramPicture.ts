import { signedColor, type ColorTheme } from '../common/colorMap';
import { histogram, maxAbs } from '../common/stats';
import type { Picture } from './stackPictures';

export interface HistogramPicture extends Picture {
  low: number;
  high: number;
  /** Number of values in the highest bar. */
  highest: number;
}

const BAR = 6;
const GAP = 1;

/** Bars over a zero-centred axis, each in the colour its values have in the kernel pictures. */
export function histogramPicture(values: Float32Array, maxWidth: number, height: number, theme: ColorTheme): HistogramPicture {
  const end = maxAbs(values) || 1;
  // An odd number of bins, so that zero is in the middle of one.
  const bins = Math.floor((maxWidth / (BAR + GAP) - 1) / 2) * 2 + 1;
  const { counts } = histogram(values, bins, -end, end);
  const highest = counts.reduce((a, b) => Math.max(a, b), 0);
  const width = bins * (BAR + GAP) - GAP;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let b = 0; b < bins; b++) {
    const bar = counts[b] === 0 ? 0 : Math.max(1, Math.round((height * counts[b]) / Math.max(1, highest)));
    const middle = ((b + 0.5) / bins) * 2 * end - end;
    // The palest bars would vanish against the hover's background: a third of the scale is the least.
    const [red, green, blue] = signedColor(Math.sign(middle || 1) * Math.max(Math.abs(middle), end / 3), end, theme);
    for (let y = height - bar; y < height; y++) {
      for (let x = b * (BAR + GAP); x < b * (BAR + GAP) + BAR; x++) data.set([red, green, blue, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data, low: -end, high: end, highest };
}
