import { colorFactor, colorIndexOf, signedColorMap, type ColorTheme } from './colorMap';
import { renderHeatMap } from './heatMap';
import { kernelGeometry, type KernelGeometry } from './kernelGeometry';
import { maxAbs } from './stats';
import { summarise, type Summary } from './channelSummary';

/**
 * How kernels with several input channels are drawn. `channels`: every channel's slice beside the others in one tile, nothing left
 * out. `rgb`: exactly three channels as one colour picture in which mid-grey is zero; pretty for a first layer on colour images, but
 * a sign can't be told from a colour, and not everybody sees all colours, so it is never chosen by itself. `mean`: signed mean over
 * the channels. `norm`: L2 norm over the channels (never negative). `strongest`: the channel whose slice has the largest L2 norm.
 * `auto`: `channels` up to 64 channels, `norm` beyond.
 */
export type AtlasMode = 'auto' | 'channels' | 'rgb' | Summary;

export interface AtlasOptions {
  theme: ColorTheme;
  /** Symmetric: colours end at ±scale. By default the largest |value| drawn, one for the whole layer. */
  scale?: number;
  /** Pixels per weight, a whole number; by default so that a tile is about 32 pixels. */
  pixelsPerWeight?: number;
  /** Rows break where the next tile would pass this many pixels; a tile wider than that still is drawn whole. */
  maxWidth?: number;
  /** Pixels between tiles, left transparent. */
  gap?: number;
  mode?: AtlasMode;
  /** Kernels to draw, in this order; by default all. */
  order?: ArrayLike<number>;
  kind?: 'conv' | 'depthwise' | 'transpose';
  /** A canvas' pixels to draw into when its size fits, to spare a copy. */
  reuse?: Uint8ClampedArray<ArrayBuffer>;
}

/** Where one kernel (for a matrix: one unit's row or column, for a vector: one number) is in the picture. */
export interface AtlasTile {
  filter: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface KernelAtlas {
  width: number;
  height: number;
  /** RGBA, rows from the top. */
  data: Uint8ClampedArray<ArrayBuffer>;
  /** The scale drawn with: the colour bar's ends are ±scale. */
  scale: number;
  tiles: AtlasTile[];
  mode: Exclude<AtlasMode, 'auto'> | 'signed' | 'matrix' | 'vector';
  pixelsPerWeight: number;
}

/** The arithmetic of a tile: slices of kh × kw weights in rows of `sliceColumns`, `sliceGap` pixels apart. */
export interface TilePlan {
  geometry: KernelGeometry;
  mode: KernelAtlas['mode'];
  slices: number;
  sliceColumns: number;
  sliceRows: number;
  sliceGap: number;
  pixelsPerWeight: number;
  width: number;
  height: number;
}

/** How one kernel will be drawn under these options. */
export function planTile(geometry: KernelGeometry, options: Pick<AtlasOptions, 'mode' | 'pixelsPerWeight'>): TilePlan {
  const { kh, kw, cin } = geometry;
  const wanted = options.mode ?? 'auto';
  let mode: KernelAtlas['mode'];
  if (cin === 1) mode = 'signed';
  else if (wanted === 'auto' || (wanted === 'rgb' && cin !== 3)) mode = cin <= 64 ? 'channels' : 'norm';
  else mode = wanted;
  const slices = mode === 'channels' ? cin : 1;
  const sliceColumns = mosaicColumns(slices, kh / kw);
  const sliceRows = Math.ceil(slices / sliceColumns);
  const longest = Math.max(sliceColumns * kw, sliceRows * kh);
  const pixelsPerWeight = Math.max(1, Math.floor(options.pixelsPerWeight ?? Math.round(32 / longest)));
  const sliceGap = slices > 1 ? Math.max(1, Math.round(pixelsPerWeight / 3)) : 0;
  return {
    geometry,
    mode,
    slices,
    sliceColumns,
    sliceRows,
    sliceGap,
    pixelsPerWeight,
    width: sliceColumns * kw * pixelsPerWeight + (sliceColumns - 1) * sliceGap,
    height: sliceRows * kh * pixelsPerWeight + (sliceRows - 1) * sliceGap,
  };
}

/**
 * Draws a layer's weight as one picture: conv kernels as tiles, a dense kernel [inputs, units] or a vector [n] as a heat map. Every
 * weight is a flat square in exactly its table colour, and all share one symmetric scale, so tiles can be compared.
 * @param values in `shape`'s row-major order, as Keras stores them: [kh, kw, cin, filters].
 * @throws RangeError when the number of values is not the shape's.
 */
export function renderKernelAtlas(values: Float32Array, shape: readonly number[], options: AtlasOptions): KernelAtlas {
  const size = shape.reduce((a, b) => a * b, 1);
  if (values.length !== size) throw new RangeError(`shape [${shape.join(', ')}] holds ${size} values, not ${values.length}`);
  const geometry = kernelGeometry(shape, options.kind);
  if (!geometry) return renderHeatMap(values, shape, options);
  const plan = planTile(geometry, options);
  const { width: tileWidth, height: tileHeight } = plan;
  const order = options.order ?? Array.from({ length: geometry.filters }, (_, f) => f);
  const gap = options.gap ?? Math.max(2, plan.pixelsPerWeight, plan.sliceGap * 4);
  const columns = Math.max(1, Math.min(order.length, Math.floor(((options.maxWidth ?? 640) + gap) / (tileWidth + gap))));
  const rows = Math.ceil(order.length / columns);
  const width = Math.max(1, columns * (tileWidth + gap) - gap);
  const height = Math.max(1, rows * (tileHeight + gap) - gap);

  const drawn = summarise(values, geometry, plan.mode);
  const scale = options.scale ?? maxAbs(drawn.values);
  const data = pixels(width * height * 4, options.reuse);
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  words.fill(0);
  const tiles: AtlasTile[] = [];
  for (let i = 0; i < order.length; i++) {
    const x = (i % columns) * (tileWidth + gap);
    const y = Math.floor(i / columns) * (tileHeight + gap);
    tiles.push({ filter: order[i], x, y, width: tileWidth, height: tileHeight });
    if (plan.mode === 'rgb') paintRgb(words, width, x, y, plan, values, order[i], scale);
    else paintSigned(words, width, x, y, plan, drawn.geometry, drawn.values, order[i], scale, options.theme);
  }
  return { width, height, data, scale, tiles, mode: plan.mode, pixelsPerWeight: plan.pixelsPerWeight };
}

/** Columns of a mosaic that is about square and, where that is possible, has no empty places. */
function mosaicColumns(slices: number, aspect: number): number {
  if (slices <= 4) return slices;
  const square = Math.ceil(Math.sqrt(slices * aspect));
  for (let c = square; c <= square * 1.5; c++) if (slices % c === 0) return c;
  return square;
}

/**
 * Draws one kernel at (left, top) of a picture `stride` pixels wide.
 * @param words the picture's pixels as 32-bit words.
 */
export function paintSigned(
  words: Uint32Array,
  stride: number,
  left: number,
  top: number,
  plan: TilePlan,
  geometry: KernelGeometry,
  values: Float32Array,
  filter: number,
  scale: number,
  theme: ColorTheme,
): void {
  const table = signedColorMap(theme).words;
  const { kh, kw, strides } = geometry;
  const { pixelsPerWeight: n, sliceColumns, sliceGap, slices } = plan;
  const factor = colorFactor(scale);
  for (let c = 0; c < slices; c++) {
    const x0 = left + (c % sliceColumns) * (kw * n + sliceGap);
    const y0 = top + Math.floor(c / sliceColumns) * (kh * n + sliceGap);
    for (let ky = 0; ky < kh; ky++) {
      const from = (y0 + ky * n) * stride + x0;
      let at = from;
      let source = ky * strides[0] + c * strides[2] + filter * strides[3];
      for (let kx = 0; kx < kw; kx++, source += strides[1]) {
        const word = table[colorIndexOf(values[source] * factor)];
        for (let p = 0; p < n; p++) words[at++] = word;
      }
      for (let p = 1; p < n; p++) words.copyWithin(from + p * stride, from, at);
    }
  }
}

/** Three channels as red, green and blue; a weight of 0 is 128, ±scale are 1 and 255. */
function paintRgb(
  words: Uint32Array,
  stride: number,
  left: number,
  top: number,
  plan: TilePlan,
  values: Float32Array,
  filter: number,
  scale: number,
): void {
  const { kh, kw, strides } = plan.geometry;
  const n = plan.pixelsPerWeight;
  const bytes = new Uint8ClampedArray(words.buffer, words.byteOffset, words.length * 4);
  for (let ky = 0; ky < kh; ky++)
    for (let kx = 0; kx < kw; kx++) {
      const source = ky * strides[0] + kx * strides[1] + filter * strides[3];
      const at = (top + ky * n) * stride + left + kx * n;
      for (let c = 0; c < 3; c++) bytes[at * 4 + c] = scale > 0 ? 128 + (127 * values[source + c * strides[2]]) / scale : 128;
      bytes[at * 4 + 3] = 255;
      const word = words[at];
      for (let p = 0; p < n; p++) words.fill(word, at + p * stride, at + p * stride + n);
    }
}

/** A buffer of that many bytes: the one offered if it fits. */
export function pixels(length: number, reuse?: Uint8ClampedArray<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> {
  return reuse?.length === length ? reuse : new Uint8ClampedArray(length);
}
