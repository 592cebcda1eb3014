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

export type KernelClass = 'edge' | 'line' | 'blob' | 'flat' | 'none';

export interface Classification {
  kernelClass: KernelClass;
  /** Share of the zero-mean energy that a plane explains, 0…1: the size-independent edge score. */
  edgeScore: number;
  /** Probability that random isotropic weights of this size score at least as much. */
  chance: number;
  /** Direction of the steepest rise in radians, atan2(down, right); null unless the class is `edge`. */
  orientation: number | null;
}

/** A kernel counts as an edge when chance alone would give its score in at most this share of random kernels. */
export const EDGE_LEVEL = 0.01;
/** Energy share in a Frei-Chen subspace from which a 3×3 slice is called by its name. */
const DOMINANT = 0.75;

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
  const shares = height === 3 && width === 3 ? freiChenShares(w) : null;
  if (shares && shares.mean >= DOMINANT) return { kernelClass: 'blob', edgeScore: score, chance, orientation: null };
  if (chance <= EDGE_LEVEL) return { kernelClass: 'edge', edgeScore: score, chance, orientation };
  if (shares && shares.line >= DOMINANT + (1 - DOMINANT) / 2) return { kernelClass: 'line', edgeScore: score, chance, orientation: null };
  return { kernelClass: 'none', edgeScore: score, chance, orientation: null };
}
