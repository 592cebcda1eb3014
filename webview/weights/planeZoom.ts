/** Device pixels per value, or, below zero, values per device pixel. */
const SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/** How large a plane is drawn: `pixels` device pixels per drawn value, every `step`-th value drawn. */
export interface PlaneZoom {
  pixels: number;
  step: number;
}

export const LARGEST = SIZES.length - 1;

/** @param level 0: one device pixel per value; above, larger; below, every 2nd, 4th, 8th, … value. */
export function zoomAt(level: number): PlaneZoom {
  return level >= 0 ? { pixels: SIZES[Math.min(LARGEST, level)], step: 1 } : { pixels: 1, step: 2 ** -level };
}

/** Level of six device pixels per value: so large a plane is drawn even if it then has to be scrolled down. */
const READABLE = SIZES.indexOf(6);

/** Pictures lower than this, in device pixels, are drawn larger than what fits across. */
const LOWEST = 32;

/** The largest level at which everything is in sight, else a readable one at which all columns are; values are skipped only where they would be several times as wide. */
export function fittingLevel(rows: number, columns: number, width: number, height: number): number {
  let level = SIZES.length - 2;
  const isFitting = (l: number): boolean => {
    const { pixels, step } = zoomAt(l);
    return (columns * pixels) / step <= width && (l <= READABLE || (rows * pixels) / step <= height);
  };
  while (level > 0 && !isFitting(level)) level--;
  while (level > -12 && columns / zoomAt(level).step > width * 2) level--;
  // A few long rows would be a line that nobody can read: they are scrolled instead.
  while (level >= 0 && level < READABLE && rows * zoomAt(level).pixels < LOWEST) level++;
  return level;
}
