import type { GaborFit } from '../common/kernelAnalysis';
import { Random } from '../common/random';

type Place = [theta: number, wavelength: number, sigma: number, gamma: number, x: number, y: number];

/** A Gabor function has seven free parameters: smaller kernels would be fitted by anything. */
export const SMALLEST_GABOR = 5;
const DRAWS = 300;
const REFINEMENTS = 3;

interface Grid {
  places: Place[];
  /** Orthonormal pairs (both phases, their means removed), one after the other. */
  pairs: Float64Array;
}

const grids = new Map<string, Grid>();
const nulls = new Map<string, Float64Array>();

/**
 * Fits g = A exp(−(x′² + γ² y′²) / 2σ²) cos(2π x′/λ + ψ) + c, x′ = x cos θ + y sin θ, to a slice: by a grid of its shapes and a search around the best, the two phases by least squares.
 * @param w height × width values, row-major
 * @returns null for slices smaller than 5 × 5
 */
export function fitGabor(w: ArrayLike<number>, height: number, width: number): GaborFit | null {
  if (Math.min(height, width) < SMALLEST_GABOR) return null;
  const found = bestFit(w, height, width);
  const scores = nullScores(height, width);
  let above = 0;
  for (const s of scores) if (s >= found.score) above++;
  return { ...found, chance: (above + 1) / (scores.length + 1) };
}

/** A Gabor function that explains less than this is no description, however unlikely by chance. */
export const LEAST_GABOR = 0.5;

/**
 * Share of random isotropic kernels that pass for Gabor functions at a level: fitted as well as at most that share of them, and at least by
 * half. From 7 × 7 on next to no random kernel is fitted that well; then the least that the draws can tell.
 */
export function gaborByChance(height: number, width: number, level: number): number {
  if (Math.min(height, width) < SMALLEST_GABOR) return 0;
  const scores = nullScores(height, width);
  return Math.min(level, (scores.reduce((n, s) => n + (s >= LEAST_GABOR ? 1 : 0), 0) + 1) / (scores.length + 1));
}

function bestFit(w: ArrayLike<number>, height: number, width: number): Omit<GaborFit, 'chance'> {
  const n = height * width;
  const zeroMean = withoutMean(w, n);
  const energy = zeroMean.reduce((s, v) => s + v * v, 0);
  const { places, pairs } = gridOf(height, width);
  if (energy === 0) return { ...named(places[0], 0), score: 0 };
  let best = 0;
  let most = -1;
  for (let p = 0; p < places.length; p++) {
    let [a, b] = [0, 0];
    const at = p * 2 * n;
    for (let i = 0; i < n; i++) {
      a += zeroMean[i] * pairs[at + i];
      b += zeroMean[i] * pairs[at + n + i];
    }
    const share = a * a + b * b;
    if (share > most) [most, best] = [share, p];
  }
  let place = places[best];
  let fit = fitAt(zeroMean, place, height, width);
  const steps: Place = [Math.PI / 24, place[1] * 0.15, place[2] * 0.2, 0.2, width / 12, height / 12];
  for (let round = 0; round < REFINEMENTS; round++)
    for (let k = 0; k < steps.length; k++)
      for (const sign of [-1, 1]) {
        const moved = [...place] as Place;
        moved[k] += (sign * steps[k]) / 2 ** round;
        if (moved[1] < 2 || moved[2] < 0.6 || moved[3] < 0.3) continue;
        const there = fitAt(zeroMean, moved, height, width);
        if (there.share > fit.share) [place, fit] = [moved, there];
      }
  return { ...named(place, fit.phase), score: Math.min(1, fit.share / energy) };
}

function named([theta, wavelength, sigma, gamma, x, y]: Place, phase: number): Omit<GaborFit, 'score' | 'chance'> {
  return { theta: ((theta % Math.PI) + Math.PI) % Math.PI, wavelength, sigma, gamma, x, y, phase };
}

/** Energy that the pair at a place explains, and the phase at which it does. */
function fitAt(w: Float64Array, place: Place, height: number, width: number): { share: number; phase: number } {
  const n = height * width;
  const [even, odd] = waves(place, height, width);
  let [ee, eo, oo, we, wo] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    ee += even[i] * even[i];
    eo += even[i] * odd[i];
    oo += odd[i] * odd[i];
    we += w[i] * even[i];
    wo += w[i] * odd[i];
  }
  const det = ee * oo - eo * eo;
  if (det <= 1e-9 * ee * oo) return { share: ee > 0 ? we ** 2 / ee : 0, phase: 0 };
  const [a, b] = [(we * oo - wo * eo) / det, (wo * ee - we * eo) / det];
  // A cos(u + ψ) = A cos ψ cos u − A sin ψ sin u.
  return { share: a * we + b * wo, phase: Math.atan2(-b, a) };
}

/** The cosine's and the sine's part under their envelope, means removed. */
function waves([theta, wavelength, sigma, gamma, x0, y0]: Place, height: number, width: number): [Float64Array, Float64Array] {
  const n = height * width;
  const [even, odd] = [new Float64Array(n), new Float64Array(n)];
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  for (let i = 0; i < n; i++) {
    const x = (i % width) - (width - 1) / 2 - x0;
    const y = Math.floor(i / width) - (height - 1) / 2 - y0;
    const [along, across] = [x * cos + y * sin, y * cos - x * sin];
    const envelope = Math.exp(-(along * along + gamma * gamma * across * across) / (2 * sigma * sigma));
    even[i] = envelope * Math.cos((2 * Math.PI * along) / wavelength);
    odd[i] = envelope * Math.sin((2 * Math.PI * along) / wavelength);
  }
  return [withoutMean(even, n), withoutMean(odd, n)];
}

function gridOf(height: number, width: number): Grid {
  const key = `${height} ${width}`;
  const known = grids.get(key);
  if (known) return known;
  const size = Math.min(height, width);
  const places: Place[] = [];
  for (let t = 0; t < 12; t++)
    for (const wavelength of [3, 4.2, 6, 8.5, 12].filter((l) => l <= 2.2 * size))
      for (const sigma of [0.18, 0.28, 0.42])
        for (const gamma of [0.6, 1])
          for (const dx of [-1, 0, 1])
            for (const dy of [-1, 0, 1])
              places.push([(t * Math.PI) / 12, wavelength, sigma * size, gamma, (dx * width) / 6, (dy * height) / 6]);
  const n = height * width;
  const pairs = new Float64Array(places.length * 2 * n);
  places.forEach((place, p) => {
    const [even, odd] = waves(place, height, width);
    unit(even);
    const dot = odd.reduce((s, v, i) => s + v * even[i], 0);
    for (let i = 0; i < n; i++) odd[i] -= dot * even[i];
    unit(odd);
    pairs.set(even, p * 2 * n);
    pairs.set(odd, p * 2 * n + n);
  });
  const grid = { places, pairs };
  grids.set(key, grid);
  return grid;
}

/** How well a Gabor function fits random kernels of this size: the same numbers each time. */
function nullScores(height: number, width: number): Float64Array {
  const key = `${height} ${width}`;
  let scores = nulls.get(key);
  if (!scores) {
    const random = Random.stream(height * 1000 + width, 'chance/gabor');
    const draw = () => Float64Array.from({ length: height * width }, () => random.normal());
    scores = Float64Array.from({ length: DRAWS }, () => bestFit(draw(), height, width).score);
    nulls.set(key, scores);
  }
  return scores;
}

function withoutMean(w: ArrayLike<number>, n: number): Float64Array {
  let mean = 0;
  for (let i = 0; i < n; i++) mean += w[i] / n;
  return Float64Array.from({ length: n }, (_, i) => w[i] - mean);
}

/** Scaled to length 1; a vector that is next to nothing becomes zero. */
function unit(v: Float64Array): void {
  const norm = Math.sqrt(v.reduce((s, x) => s + x * x, 0));
  for (let i = 0; i < v.length; i++) v[i] = norm > 1e-9 ? v[i] / norm : 0;
}
