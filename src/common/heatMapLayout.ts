import type { AtlasHit, AtlasLayout, AtlasTile } from './atlasLayout';
import { colorFactor, colorIndexOf, signedColorMap, type ColorTheme } from './colorMap';

/**
 * A matrix [inputs, units] or a vector [n] as a heat map: the longer axis runs across and breaks into bands where it gets too wide.
 * Its items are the units (for a vector: the numbers).
 */
export class HeatMapLayout implements AtlasLayout {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly columns: number;
  readonly pixelsPerWeight: number;
  readonly mode: 'matrix' | 'vector';
  /** Values along the axis that runs across, and down each band. */
  readonly across: number;
  readonly down: number;
  /** True when units (the last axis) run down and inputs across. */
  readonly hasUnitsDown: boolean;
  readonly perBand: number;
  readonly bands: number;
  private readonly bandStep: number;

  /** @param shape [inputs, units] or [n]; without axes it is one value. */
  constructor(shape: readonly number[], options: { pixelsPerWeight?: number; maxWidth?: number; gap?: number } = {}) {
    const isMatrix = shape.length >= 2;
    const [inputs, units] = isMatrix ? [shape[0], shape[1]] : [1, shape[0] ?? 1];
    this.mode = isMatrix ? 'matrix' : 'vector';
    this.hasUnitsDown = isMatrix && inputs > units;
    this.across = this.hasUnitsDown ? inputs : units;
    this.down = this.hasUnitsDown ? units : inputs;
    this.count = units;
    const maxWidth = options.maxWidth ?? 640;
    const fitting = Math.min(isMatrix ? 12 : 20, Math.max(2, Math.floor(maxWidth / this.across)));
    const n = (this.pixelsPerWeight = Math.max(1, Math.floor(options.pixelsPerWeight ?? fitting)));
    this.perBand = Math.max(1, Math.min(this.across, Math.floor(maxWidth / n)));
    this.bands = Math.ceil(this.across / this.perBand);
    const gap = options.gap ?? Math.max(3, n);
    this.bandStep = this.down * n + gap;
    this.columns = this.hasUnitsDown ? 1 : this.perBand;
    this.width = Math.max(1, this.perBand * n);
    this.height = Math.max(1, this.bands * this.bandStep - gap);
  }

  filterOf(item: number): number {
    return item;
  }

  rectsOf(item: number): AtlasTile[] {
    const n = this.pixelsPerWeight;
    if (!this.hasUnitsDown) {
      const y = Math.floor(item / this.perBand) * this.bandStep;
      return [{ filter: item, x: (item % this.perBand) * n, y, width: n, height: this.down * n }];
    }
    return Array.from({ length: this.bands }, (_, band) => ({
      filter: item,
      x: 0,
      y: band * this.bandStep + item * n,
      width: this.bandLength(band) * n,
      height: n,
    }));
  }

  hit(x: number, y: number): AtlasHit | null {
    const n = this.pixelsPerWeight;
    const band = Math.floor(y / this.bandStep);
    if (x < 0 || y < 0 || band >= this.bands) return null;
    const row = Math.floor((y - band * this.bandStep) / n);
    const column = Math.floor(x / n);
    if (row >= this.down || column >= this.bandLength(band)) return null;
    const i = band * this.perBand + column;
    const [input, unit] = this.hasUnitsDown ? [i, row] : [row, i];
    const isMatrix = this.mode === 'matrix';
    return { item: unit, filter: unit, offset: input * this.count + unit, y: null, x: isMatrix ? input : null, channel: null };
  }

  prepare(values: Float32Array): Float32Array {
    return values;
  }

  paint(words: Uint32Array, top: number, bottom: number, values: Float32Array, scale: number, theme: ColorTheme): void {
    const table = signedColorMap(theme).words;
    const factor = colorFactor(scale);
    const { width, pixelsPerWeight: n, down, hasUnitsDown, count } = this;
    for (let band = Math.max(0, Math.floor(top / this.bandStep)); band < this.bands && band * this.bandStep < bottom; band++) {
      const first = band * this.perBand;
      const length = this.bandLength(band);
      for (let row = 0; row < down; row++) {
        const y = band * this.bandStep + row * n - top;
        const begin = Math.max(0, y);
        const end = Math.min(bottom - top, y + n);
        if (begin >= end) continue;
        let at = begin * width;
        for (let i = first; i < first + length; i++) {
          const word = table[colorIndexOf(values[hasUnitsDown ? i * count + row : row * count + i] * factor)];
          for (let p = 0; p < n; p++) words[at++] = word;
        }
        for (let r = begin + 1; r < end; r++) words.copyWithin(r * width, begin * width, at);
      }
    }
  }

  private bandLength(band: number): number {
    return Math.min(this.perBand, this.across - band * this.perBand);
  }
}
