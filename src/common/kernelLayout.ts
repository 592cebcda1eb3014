import type { AtlasHit, AtlasLayout, AtlasTile } from './atlasLayout';
import { summarise, type Summary } from './channelSummary';
import { colorFactor, colorIndexOf, signedColorMap, type ColorTheme } from './colorMap';
import type { KernelGeometry } from './kernelGeometry';

/**
 * How kernels with several input channels are drawn. `channels`: every channel's slice beside the others in one tile, nothing left
 * out. `rgb`: exactly three channels as one colour picture in which mid-grey is zero; pretty for a first layer on colour images, but
 * a sign can't be told from a colour, and not everybody sees all colours, so it is never chosen by itself. `mean`: signed mean over
 * the channels. `norm`: L2 norm over the channels (never negative). `strongest`: the channel whose slice has the largest L2 norm.
 * `auto`: `channels` up to 64 channels, `norm` beyond.
 */
export type AtlasMode = 'auto' | 'channels' | 'rgb' | Summary;

export interface KernelLayoutOptions {
  mode?: AtlasMode;
  /** A whole number; by default so that a tile is about 32 pixels, or 48 where it shows all channels. */
  pixelsPerWeight?: number;
  /** Rows break where the next tile would pass this many pixels; a tile wider than that still is drawn whole. */
  maxWidth?: number;
  /** Pixels between tiles, left transparent. */
  gap?: number;
  /** Kernels to draw, in this order; by default all. */
  order?: ArrayLike<number>;
}

/** Kernels as tiles in rows; a tile holds one slice of kh × kw weights, or those of all channels as a mosaic. */
export class KernelLayout implements AtlasLayout {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly columns: number;
  readonly pixelsPerWeight: number;
  readonly mode: AtlasLayout['mode'];
  readonly tileWidth: number;
  readonly tileHeight: number;
  private readonly gap: number;
  private readonly slices: number;
  private readonly sliceColumns: number;
  private readonly sliceGap: number;
  private readonly order: ArrayLike<number> | null;
  /** Of what is painted: the weight's own, or that of its summary. */
  private readonly drawn: KernelGeometry;

  constructor(
    readonly geometry: KernelGeometry,
    options: KernelLayoutOptions = {},
  ) {
    const { kh, kw, cin, filters } = geometry;
    this.mode = chosenMode(cin, options.mode ?? 'auto');
    this.slices = this.mode === 'channels' ? cin : 1;
    this.sliceColumns = mosaicColumns(this.slices, kh / kw);
    const sliceRows = Math.ceil(this.slices / this.sliceColumns);
    const target = this.slices > 4 ? 48 : 32;
    const fitting = Math.round(target / Math.max(this.sliceColumns * kw, sliceRows * kh));
    const n = (this.pixelsPerWeight = Math.max(1, Math.floor(options.pixelsPerWeight ?? fitting)));
    this.sliceGap = this.slices > 1 ? Math.max(1, Math.round(n / 3)) : 0;
    this.tileWidth = this.sliceColumns * (kw * n + this.sliceGap) - this.sliceGap;
    this.tileHeight = sliceRows * (kh * n + this.sliceGap) - this.sliceGap;
    this.gap = options.gap ?? Math.max(2, n, this.sliceGap * 4);
    this.order = options.order ?? null;
    this.count = this.order?.length ?? filters;
    const fit = Math.floor(((options.maxWidth ?? 640) + this.gap) / (this.tileWidth + this.gap));
    this.columns = Math.max(1, Math.min(this.count, fit));
    this.width = Math.max(1, this.columns * (this.tileWidth + this.gap) - this.gap);
    this.height = Math.max(1, Math.ceil(this.count / this.columns) * (this.tileHeight + this.gap) - this.gap);
    const isSummary = this.mode === 'mean' || this.mode === 'norm' || this.mode === 'strongest';
    this.drawn = isSummary ? { kh, kw, cin: 1, filters, strides: [kw * filters, filters, filters, 1] } : geometry;
  }

  filterOf(item: number): number {
    return this.order ? this.order[item] : item;
  }

  rectsOf(item: number): AtlasTile[] {
    const x = (item % this.columns) * (this.tileWidth + this.gap);
    const y = Math.floor(item / this.columns) * (this.tileHeight + this.gap);
    return [{ filter: this.filterOf(item), x, y, width: this.tileWidth, height: this.tileHeight }];
  }

  hit(x: number, y: number): AtlasHit | null {
    const column = Math.floor(x / (this.tileWidth + this.gap));
    const item = Math.floor(y / (this.tileHeight + this.gap)) * this.columns + column;
    if (x < 0 || y < 0 || column >= this.columns || item >= this.count) return null;
    const [tile] = this.rectsOf(item);
    const { kh, kw, strides } = this.geometry;
    const n = this.pixelsPerWeight;
    const [sliceX, sliceY] = [kw * n + this.sliceGap, kh * n + this.sliceGap];
    const [inX, inY] = [x - tile.x, y - tile.y];
    if (inX >= tile.width || inY >= tile.height) return null;
    const channel = Math.floor(inY / sliceY) * this.sliceColumns + Math.floor(inX / sliceX);
    const [kx, ky] = [Math.floor((inX % sliceX) / n), Math.floor((inY % sliceY) / n)];
    const place = { item, filter: tile.filter };
    if (kx >= kw || ky >= kh || channel >= this.slices) return { ...place, offset: null, y: null, x: null, channel: null };
    if (this.slices === 1 && this.mode !== 'signed') return { ...place, offset: null, y: ky, x: kx, channel: null };
    const offset = ky * strides[0] + kx * strides[1] + channel * strides[2] + tile.filter * strides[3];
    return { ...place, offset, y: ky, x: kx, channel };
  }

  prepare(values: Float32Array): Float32Array {
    return this.drawn === this.geometry ? values : summarise(values, this.geometry, this.mode as Summary);
  }

  paint(words: Uint32Array, top: number, bottom: number, prepared: Float32Array, scale: number, theme: ColorTheme): void {
    const step = this.tileHeight + this.gap;
    const first = Math.max(0, Math.floor(top / step)) * this.columns;
    const end = Math.min(this.count, Math.ceil(bottom / step) * this.columns);
    const rows = bottom - top;
    if (this.mode !== 'rgb') return this.paintSigned(words, rows, first, end, top, prepared, scale, theme);
    for (let item = first; item < end; item++) {
      const x = (item % this.columns) * (this.tileWidth + this.gap);
      const y = Math.floor(item / this.columns) * step - top;
      this.paintRgb(words, rows, x, y, prepared, this.filterOf(item), scale);
    }
  }

  /** Weight by weight for all kernels in sight: they are neighbours in memory, which counts where kernels have hundreds of channels. */
  private paintSigned(
    words: Uint32Array,
    rows: number,
    first: number,
    end: number,
    top: number,
    values: Float32Array,
    scale: number,
    theme: ColorTheme,
  ): void {
    const { kh, kw, strides } = this.drawn;
    const { width, pixelsPerWeight: n, sliceColumns, sliceGap, slices } = this;
    const table = signedColorMap(theme).words;
    const factor = colorFactor(scale);
    const [across, down] = [this.tileWidth + this.gap, this.tileHeight + this.gap];
    const sources = Uint32Array.from({ length: Math.max(0, end - first) }, (_, i) => this.filterOf(first + i) * strides[3]);
    // Per kernel the place of the weight's first pixel, in the tile's column 0; beyond the picture where its row is out of sight.
    const places = new Int32Array(sources.length);
    for (let c0 = 0; c0 < slices; c0 += sliceColumns)
      for (let ky = 0; ky < kh; ky++) {
        const inTile = (c0 / sliceColumns) * (kh * n + sliceGap) + ky * n - top;
        let [from, to] = [sources.length, 0];
        for (let i = 0; i < sources.length; i++) {
          const y = Math.floor((first + i) / this.columns) * down + inTile;
          if (y + n <= 0 || y >= rows) continue;
          from = Math.min(from, i);
          to = i + 1;
          places[i] = Math.max(0, y) * width + ((first + i) % this.columns) * across;
        }
        for (let c = c0; c < Math.min(slices, c0 + sliceColumns); c++)
          for (let kx = 0; kx < kw; kx++) {
            const source = ky * strides[0] + kx * strides[1] + c * strides[2];
            const x = (c - c0) * (kw * n + sliceGap) + kx * n;
            for (let i = from; i < to; i++) {
              const word = table[colorIndexOf(values[source + sources[i]] * factor)];
              let at = places[i] + x;
              for (const stop = at + n; at < stop; at++) words[at] = word;
            }
          }
        // The weight's other lines are the same, for all tiles of a row at once.
        for (let i = from; i < to; i += this.columns - ((first + i) % this.columns)) {
          const y = Math.floor((first + i) / this.columns) * down + inTile;
          const line = Math.max(0, y) * width;
          for (let other = Math.max(0, y) + 1; other < Math.min(rows, y + n); other++) words.copyWithin(other * width, line, line + width);
        }
      }
  }

  /** Three channels as red, green and blue; a weight of 0 is 128, ±scale are 1 and 255. */
  private paintRgb(words: Uint32Array, rows: number, left: number, top: number, values: Float32Array, filter: number, scale: number): void {
    const { kh, kw, strides } = this.geometry;
    const { width, pixelsPerWeight: n } = this;
    const colour = new Uint8ClampedArray(4);
    const word = new Uint32Array(colour.buffer);
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) {
        const source = ky * strides[0] + kx * strides[1] + filter * strides[3];
        for (let c = 0; c < 3; c++) colour[c] = scale > 0 ? 128 + (127 * values[source + c * strides[2]]) / scale : 128;
        colour[3] = 255;
        const x = left + kx * n;
        for (let y = Math.max(0, top + ky * n); y < Math.min(rows, top + ky * n + n); y++)
          words.fill(word[0], y * width + x, y * width + x + n);
      }
  }
}

function chosenMode(cin: number, wanted: AtlasMode): AtlasLayout['mode'] {
  if (cin === 1) return 'signed';
  if (wanted === 'auto' || (wanted === 'rgb' && cin !== 3)) return cin <= 64 ? 'channels' : 'norm';
  return wanted;
}

/** Columns of a mosaic that is about square and, where that is possible, has no empty places. */
function mosaicColumns(slices: number, aspect: number): number {
  if (slices <= 4) return slices;
  const square = Math.ceil(Math.sqrt(slices * aspect));
  for (let c = square; c <= square * 1.5; c++) if (slices % c === 0) return c;
  return square;
}
