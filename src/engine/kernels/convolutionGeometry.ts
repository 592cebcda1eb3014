import * as tfc from '@tensorflow/tfjs-core';
import type { Machine } from './machine';

/** TF.js's description of a convolution or pooling. */
export type ConvInfo = ReturnType<typeof tfc.backend_util.computeConv2DInfo>;

/** How an image is padded: zeros above, below, left and right. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** An image batch as the convolution jobs read it. */
export interface PaddedImage {
  /** The first seven words of every convolution job, after the address: h, w·c, padded h, padded w·c, top, left·c. */
  readonly words: number[];
  readonly height: number;
  readonly width: number;
  /** Bytes of scratch for one padded image; 0 when it is read where it lies. */
  readonly bytes: number;
}

export function paddedImage(h: number, w: number, c: number, p: Padding): PaddedImage {
  const height = h + p.top + p.bottom;
  const width = w + p.left + p.right;
  const plain = height === h && width === w;
  return { words: [h, w * c, height, width * c, p.top, p.left * c], height, width, bytes: plain ? 0 : height * width * c * 4 };
}

/** Table of the byte offsets of all windows' first pixels in an image of `width`·`c`. */
export function pixelTable(m: Machine, width: number, c: number, outH: number, outW: number, strideH: number, strideW: number): number {
  return m.table(`pixels ${[width, c, outH, outW, strideH, strideW]}`, () =>
    Uint32Array.from({ length: outH * outW }, (_, p) => (Math.floor(p / outW) * strideH * width + (p % outW) * strideW) * c * 4),
  );
}

/** Table of the byte offsets of a window's elements, in the order of a filter's rows. */
export function windowTable(m: Machine, width: number, c: number, kh: number, kw: number, dilationH: number, dilationW: number): number {
  return m.table(`window ${[width, c, kh, kw, dilationH, dilationW]}`, () =>
    Uint32Array.from({ length: kh * kw * c }, (_, k) => {
      const tap = Math.floor(k / c);
      return (Math.floor(tap / kw) * dilationH * width + (tap % kw) * dilationW) * c * 4 + (k % c) * 4;
    }),
  );
}
