import type { AtlasLayout } from '../../src/common/atlasLayout';
import type { ColorTheme } from '../../src/common/colorMap';

/** A picture of weights, and the first of its rows that is in sight. */
export interface Scrolled {
  layout: AtlasLayout;
  /** What `layout.prepare` made of the values. */
  drawn: Float32Array;
  scale: number;
  theme: ColorTheme;
  top: number;
}

/** The pixels of a picture's rows in sight: what scrolling leaves in sight is moved, and only what comes into sight is painted. */
export class RowsInSight {
  private words = new Uint32Array(0);
  private held: (Scrolled & { height: number }) | null = null;

  /**
   * Fills memory of its own, which stays the same while it is large enough and is valid until the next call.
   * @param height rows in sight
   * @returns height × layout.width pixels as 32-bit words
   */
  fill(next: Scrolled, height: number): Uint32Array<ArrayBuffer> {
    const { layout, top } = next;
    const { width } = layout;
    const { held } = this;
    // New memory for every step of a zoom would cost as much as painting it.
    if (this.words.length < width * height) this.words = new Uint32Array(width * height);
    const words = this.words.subarray(0, width * height) as Uint32Array<ArrayBuffer>;
    const isSame = held !== null && held.height === height && isSamePicture(held, next);
    const moved = isSame ? Math.max(-height, Math.min(height, top - held.top)) : height;
    const kept = height - Math.abs(moved);
    if (moved > 0) words.copyWithin(0, moved * width, height * width);
    else if (moved < 0) words.copyWithin(-moved * width, 0, kept * width);
    const first = moved > 0 ? kept : 0;
    this.held = { ...next, height };
    if (moved === 0) return words;
    const fresh = words.subarray(first * width, (first + height - kept) * width).fill(0);
    layout.paint(fresh, top + first, top + first + height - kept, next.drawn, next.scale, next.theme);
    return words;
  }
}

function isSamePicture(a: Scrolled, b: Scrolled): boolean {
  return a.layout === b.layout && a.drawn === b.drawn && a.scale === b.scale && a.theme === b.theme;
}
