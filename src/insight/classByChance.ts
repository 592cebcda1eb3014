import { betaTail } from './betaTail';
import { BLOB_SHARE, EDGE_LEVEL, edgeByChance, type KernelClass } from './kernelClass';
import { gaborByChance } from './gaborFit';

/**
 * Share of 3 × 3 kernels that come out as line or as blob: of uniform draws, as initialisers make them (400,000 drawn). Normal ones give 1.8 %
 * and 0.12 %, exactly P(Beta(2, 5/2) > 7/8) and P(Beta(1/2, 4) > 3/4).
 */
const SMALL = { line: 0.023, blob: 0.0032 };

/**
 * Share of random kernels that would be called by a class: what stands beside every verdict. Kernels that are drawn alike are never flat beside
 * one another, and what is left over is none of the classes.
 * @param shape [kh, kw, cin] of the kernel
 */
export function classByChance(kernelClass: KernelClass, [kh, kw, cin]: readonly number[]): number {
  const hasPattern = kh > 1 && kw > 1;
  const isSmall = kh === 3 && kw === 3;
  switch (kernelClass) {
    case 'edge':
      return edgeByChance(kh, kw);
    case 'gabor':
      return gaborByChance(kh, kw, EDGE_LEVEL);
    case 'colour':
      return cin === 3 ? EDGE_LEVEL : 0;
    case 'line':
      return isSmall ? SMALL.line : hasPattern ? EDGE_LEVEL : 0;
    case 'blob':
      return isSmall ? SMALL.blob : hasPattern ? betaTail(0.5, (kh * kw - 1) / 2, BLOB_SHARE) : 0;
    case 'flat':
      return 0;
    case 'none':
      return NAMED.reduce((rest, named) => rest - classByChance(named, [kh, kw, cin]), 1);
  }
}

const NAMED = ['edge', 'gabor', 'colour', 'line', 'blob'] as const;
