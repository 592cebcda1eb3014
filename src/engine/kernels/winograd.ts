import { type Padding, paddedImage } from './convolutionGeometry';

/** Elements of a transformed 4×4 tile, and the outputs along its side. */
export const PLANES = 36;
const TILE = 4;
/** Below this many channels the transforms cost more than the products save. */
const MIN_CHANNELS = 16;
/** Bytes of transformed tiles that are worked on at a time: they should stay in the second-level cache. */
const BLOCK_BYTES = 400_000;
/** Vectors of intermediate results, and padding of planes and addresses. */
const EXTRA_BYTES = 1024 + 3 * PLANES * 64;

/** Whether F(4×4, 3×3) applies: 3×3, stride 1, not dilated, channels in whole vectors. */
export function winogradApplies(kh: number, kw: number, strides: number[], dilations: number[], cin: number, cout: number): boolean {
  const ones = [...strides, ...dilations].every((x) => x === 1);
  return kh === 3 && kw === 3 && ones && cin % 4 === 0 && cout % 4 === 0 && cin >= MIN_CHANNELS && cout >= MIN_CHANNELS;
}

/** Tiles of an h×w output, and the words that the Winograd jobs share. */
export interface WinogradPlan {
  /** Words 1..10 of the jobs: the padded image, cin, tiles high, tiles wide, tile rows per block. */
  readonly words: number[];
  readonly scratch: number;
}

/** Cuts the outputs of `outH`×`outW`×`cout` into tiles. */
export function planWinograd(
  h: number,
  w: number,
  cin: number,
  outH: number,
  outW: number,
  cout: number,
  top: number,
  left: number,
): WinogradPlan {
  const high = Math.ceil(outH / TILE);
  const wide = Math.ceil(outW / TILE);
  const pad: Padding = { top, left, bottom: high * TILE + 2 - h - top, right: wide * TILE + 2 - w - left };
  const image = paddedImage(h, w, cin, pad);
  const rowBytes = PLANES * wide * (cin + cout) * 4;
  const block = Math.max(1, Math.min(high, Math.floor(BLOCK_BYTES / rowBytes)));
  return {
    words: [...image.words, cin, high, wide, block],
    scratch: image.height * image.width * cin * 4 + block * rowBytes * 2 + EXTRA_BYTES,
  };
}

/** Bytes of a transformed, packed filter of k inputs and n outputs. */
export function winogradFilterBytes(k: number, n: number): number {
  return PLANES * Math.ceil(n / 8) * 8 * k * 4;
}
