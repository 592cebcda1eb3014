import { type ConvInfo, type Padding, paddedImage } from './convolutionGeometry';

/** Elements of a transformed tile, and the outputs along a tile's side. */
export const PLANES = 36;
export const TILE = 4;
/** Taps along the side of what one transformed tile is good for; larger windows are cut into groups of 3×3. */
const TAPS = 3;
/** Below this many channels the transforms cost more than the products save. */
const MIN_CHANNELS = 16;
/** Multiplications beside those of the direct convolution, above which the transforms cost more than is saved. */
const MOST_WORK = 0.7;
/** Bytes of transformed tiles that are worked on at a time: they should stay in the second-level cache. */
const BLOCK_BYTES = 400_000;
/** Vectors of intermediate results, and padding of planes and addresses. */
const EXTRA_BYTES = 1024 + 3 * PLANES * 64;

/** The taps of a filter, and how many pixels they are apart. */
export type Window = Pick<ConvInfo, 'filterHeight' | 'filterWidth' | 'dilationHeight' | 'dilationWidth'>;

/** 3×3 groups that a window is cut into. */
export const groupsOf = ({ filterHeight, filterWidth }: Window): number => Math.ceil(filterHeight / TAPS) * Math.ceil(filterWidth / TAPS);

/** Tiles along `n` outputs: pixels that lie a dilation apart have tiles of their own. */
const tilesAlong = (n: number, dilation: number): number => dilation * Math.ceil(Math.ceil(n / dilation) / TILE);

/** Rows per block when `rows` are cut into as few blocks of at most `most` as possible, all about as large. */
export const evenBlock = (rows: number, most: number): number => Math.ceil(rows / Math.ceil(rows / most));

/** Whether F(4×4, 3×3) is worth it for h×w outputs: stride 1, channels in whole vectors, not too much that sticks out of image or window. */
export function winogradApplies(i: ConvInfo, h: number, w: number): boolean {
  if (i.strideHeight !== 1 || i.strideWidth !== 1) return false;
  if ([i.inChannels, i.outChannels].some((c) => c % 4 !== 0 || c < MIN_CHANNELS)) return false;
  const tiles = tilesAlong(h, i.dilationHeight) * tilesAlong(w, i.dilationWidth);
  return tiles * PLANES * groupsOf(i) <= MOST_WORK * h * w * i.filterHeight * i.filterWidth;
}

/** Tiles of an h×w output, and the words that the Winograd jobs share. */
export interface WinogradPlan {
  /** Words 1..14 of the jobs: the padded image, cin, tiles high, tiles wide, tile rows per block, dilations, taps. */
  readonly words: number[];
  readonly scratch: number;
}

/** Cuts the outputs of `outH`×`outW`×`cout` into tiles. */
export function planWinograd(
  window: Window,
  h: number,
  w: number,
  cin: number,
  outH: number,
  outW: number,
  cout: number,
  top: number,
  left: number,
): WinogradPlan {
  const { filterHeight: kh, filterWidth: kw, dilationHeight: dh, dilationWidth: dw } = window;
  const high = tilesAlong(outH, dh);
  const wide = tilesAlong(outW, dw);
  /** Pixels that tiles and all taps of their groups reach. */
  const reach = (tiles: number, taps: number, dilation: number): number => tiles * TILE + (Math.ceil(taps / TAPS) * TAPS - 1) * dilation;
  const pad: Padding = { top, left, bottom: reach(high, kh, dh) - h - top, right: reach(wide, kw, dw) - w - left };
  const image = paddedImage(h, w, cin, pad);
  const rowBytes = PLANES * wide * (groupsOf(window) * cin + cout) * 4;
  const block = evenBlock(high, Math.max(1, Math.floor(BLOCK_BYTES / rowBytes)));
  return {
    words: [...image.words, cin, high, wide, block, dh, dw, kh, kw],
    scratch: image.height * image.width * cin * 4 + block * rowBytes * 2 + EXTRA_BYTES,
  };
}

/** Bytes of a transformed, packed filter of k inputs and n outputs. */
export function winogradFilterBytes(window: Window, k: number, n: number): number {
  return PLANES * Math.ceil(n / 8) * 8 * groupsOf(window) * k * 4;
}
