import type { KernelFinding } from '../common/kernelAnalysis';
import { curvedChance, curvedShare } from './curvedShare';
import { fitGabor, gaborByChance, LEAST_GABOR } from './gaborFit';
import { planeFit } from './planeFit';

/** Orthonormal 3×3 masks of Frei & Chen (1977), row-major: 1–4 edge, 5–8 line and Laplacian, 9 mean. */
export const FREI_CHEN: readonly Float64Array[] = (() => {
  const r = Math.SQRT2;
  const scaled = (masks: number[][]): Float64Array[] =>
    masks.map((mask) => {
      const norm = Math.sqrt(mask.reduce((sum, x) => sum + x * x, 0));
      return Float64Array.from(mask, (x) => x / norm);
    });
  return scaled([
    [1, r, 1, 0, 0, 0, -1, -r, -1],
    [1, 0, -1, r, 0, -r, 1, 0, -1],
    [0, -1, r, 1, 0, -1, -r, 1, 0],
    [r, -1, 0, -1, 0, 1, 0, 1, -r],
    [0, 1, 0, -1, 0, -1, 0, 1, 0],
    [-1, 0, 1, 0, 0, 0, 1, 0, -1],
    [1, -2, 1, -2, 4, -2, 1, -2, 1],
    [-2, 1, -2, 1, 4, 1, -2, 1, -2],
    [1, 1, 1, 1, 1, 1, 1, 1, 1],
  ]);
})();

/** Shares of a 3×3 slice's energy in the three Frei-Chen subspaces; they sum to 1. Random isotropic weights give 4/9, 4/9, 1/9. */
export interface EnergyShares {
  edge: number;
  line: number;
  mean: number;
}

/** @param w nine values, row-major. All zero gives NaN shares. */
export function freiChenShares(w: ArrayLike<number>): EnergyShares {
  const energy = FREI_CHEN.map((mask) => mask.reduce((sum, x, i) => sum + x * w[i], 0) ** 2);
  const total = energy.reduce((a, b) => a + b, 0);
  const share = (from: number, to: number): number => energy.slice(from, to).reduce((a, b) => a + b, 0) / total;
  return { edge: share(0, 4), line: share(4, 8), mean: share(8, 9) };
}

export type KernelClass = KernelFinding['kernelClass'];

export type Classification = Pick<KernelFinding, 'kernelClass' | 'edgeScore' | 'chance' | 'orientation' | 'gabor' | 'colour'>;

/** A kernel is called by a name when chance alone would give its score in at most this share of random kernels. */
export const EDGE_LEVEL = 0.01;
/** Energy share of the mean from which a slice is a blob. */
export const BLOB_SHARE = 0.75;
/** Energy share of the four line masks from which a 3 × 3 slice is a line. */
export const LINE_SHARE = 0.875;
/** What explains nearly as much as the best Gabor function and is simpler is named instead. */
const NEARLY = 0.8;

/**
 * Share of random kernels that come out as oriented: edge, or from 5 × 5 on Gabor. Initialisers that draw uniformly are not isotropic in
 * small kernels: 1.2 % of their 3 × 3 kernels and 1.1 % of 5 × 5 pass the 1 % level (400,000 drawn), so that their larger share is taken;
 * with a second test at 1 % beside it the shares add up.
 */
export function orientedByChance(height: number, width: number): number {
  return edgeByChance(height, width) + gaborByChance(height, width, EDGE_LEVEL);
}

/** Share of random kernels that come out as plain edges: none where there is a single row or column. */
export function edgeByChance(height: number, width: number): number {
  if (Math.min(height, width) < 2) return 0;
  return height * width < 25 ? 0.012 : 0.011;
}

/** Whether a kernel counts as an edge filter: a plain edge, or a Gabor function, which is an edge or a grating under a window. */
export function isOriented(kernelClass: KernelClass): boolean {
  return kernelClass === 'edge' || kernelClass === 'gabor';
}

/**
 * Classifies one two-dimensional slice (for several input channels: their signed sum, or one channel).
 * @param w height × width values, row-major
 * @param layerMax the largest |w| of the layer: a slice below a hundredth of it is flat (CNN Filter DB, CVPR 2022)
 */
export function classifySlice(w: ArrayLike<number>, height: number, width: number, layerMax: number): Classification {
  let largest = 0;
  for (let i = 0; i < w.length; i++) largest = Math.max(largest, Math.abs(w[i]));
  if (largest <= 0.01 * layerMax) return { kernelClass: 'flat', edgeScore: 0, chance: 1, orientation: null };
  const { score, orientation, chance } = planeFit(w, height, width);
  const gabor = fitGabor(w, height, width) ?? undefined;
  const as = (kernelClass: KernelClass): Classification => ({
    kernelClass,
    edgeScore: score,
    chance,
    orientation: kernelClass === 'edge' ? orientation : null,
    ...(gabor && { gabor }),
  });
  if (meanShare(w) >= BLOB_SHARE) return as('blob');
  if (height === 3 && width === 3) {
    if (chance <= EDGE_LEVEL) return as('edge');
    return as(freiChenShares(w).line >= LINE_SHARE ? 'line' : 'none');
  }
  const curved = curvedShare(w, height, width);
  const isLine = curvedChance(curved, height * width) <= EDGE_LEVEL;
  const best = gabor?.score ?? 0;
  if (chance <= EDGE_LEVEL && score >= NEARLY * best && score >= curved) return as('edge');
  if (isLine && curved >= NEARLY * best) return as('line');
  if (gabor && gabor.chance <= EDGE_LEVEL && best >= LEAST_GABOR) return as('gabor');
  if (chance <= EDGE_LEVEL && score >= curved) return as('edge');
  return as(isLine ? 'line' : 'none');
}

/** Share of the energy in the mean: 1 for a box, 0 for kernels that sum to 0. */
function meanShare(w: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < w.length; i++) {
    sum += w[i];
    squares += w[i] * w[i];
  }
  return sum ** 2 / (w.length * squares);
}
