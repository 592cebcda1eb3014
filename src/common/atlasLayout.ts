import type { ColorTheme } from './colorMap';

/** A rectangle of the picture that belongs to one kernel, one unit of a matrix or one number of a vector. Pixels, from the top left. */
export interface AtlasTile {
  filter: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The weight under a point of the picture. */
export interface AtlasHit {
  /** Place in the drawn order, and the kernel (unit, number) that stands there. */
  item: number;
  filter: number;
  /** Index into the weight's values; null where the picture shows a summary of several weights or three at once. */
  offset: number | null;
  /** Row, column and channel within a kernel; for a matrix `x` is the input; null where it does not apply. */
  y: number | null;
  x: number | null;
  channel: number | null;
}

/** Where everything is in a picture of one weight, and how to paint any rows of it. All measures are pixels of the picture. */
export interface AtlasLayout {
  readonly width: number;
  readonly height: number;
  /** Kernels, units or numbers drawn, and how many of them stand side by side. */
  readonly count: number;
  readonly columns: number;
  readonly pixelsPerWeight: number;
  /** How a kernel's channels are shown; `signed`: it has only one. */
  readonly mode: 'signed' | 'channels' | 'rgb' | 'mean' | 'norm' | 'strongest' | 'matrix' | 'vector';
  filterOf(item: number): number;
  /** One rectangle per kernel; a unit of a matrix that is broken into bands has one in every band. */
  rectsOf(item: number): AtlasTile[];
  hit(x: number, y: number): AtlasHit | null;
  /** What is really drawn of the weight's values: themselves or a summary over channels. The scale is to be taken from this. */
  prepare(values: Float32Array): Float32Array;
  /**
   * Paints the picture's rows `top` … `bottom` − 1.
   * @param words their pixels as 32-bit words, (bottom − top) × width, zeroed before; what is no weight stays transparent.
   * @param prepared what `prepare` made of the values.
   */
  paint(words: Uint32Array, top: number, bottom: number, prepared: Float32Array, scale: number, theme: ColorTheme): void;
}
