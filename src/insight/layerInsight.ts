import type { KernelAnalysis, KernelFinding } from '../common/kernelAnalysis';
import { binomialTail } from './binomial';
import { colourOpponency } from './colourOpponency';
import {
  chanceEffectiveKernels,
  chanceMeanAbsCosine,
  cosines,
  effectiveNumber,
  kernelRows,
  meanAbsCosine,
  nearestTwin,
  orthogonality,
  sparsity,
  varianceEntropy,
  type Rows,
} from './distinctiveness';
import { classifySlice, EDGE_LEVEL, isOriented, orientedByChance, type Classification } from './kernelClass';

/**
 * What a conv layer's kernels are, beside what chance alone would give. Kernels with several input channels are classified by the sum
 * over their channels, those with three, taken as red, green and blue, also by their colours; similarity uses all of their weights.
 * @param values kernel in the layout [kh, kw, cin, filters]
 */
export function layerInsight(values: Float32Array, shape: readonly number[]): KernelAnalysis {
  const [kh, kw, cin, filters] = shape;
  const sums = channelSums(values, kh * kw, cin, filters);
  const rows = kernelRows(values, shape);
  const layerMax = largestOf(rows.values);
  const cosine = cosines(rows);
  const kernels: KernelFinding[] = [];
  for (let f = 0; f < filters; f++) {
    const own = rows.values.subarray(f * rows.d, (f + 1) * rows.d);
    const slice = Float64Array.from({ length: kh * kw }, (_, p) => sums[p * filters + f]);
    const norm = Math.sqrt(own.reduce((s, w) => s + w * w, 0));
    kernels.push({ index: f, ...classify(own, slice, [kh, kw, cin], layerMax), norm, nearest: nearestTwin(cosine, filters, f) });
  }
  return { kernels, summary: summarise(kernels, values, shape, cosine, rows) };
}

function summarise(
  kernels: KernelFinding[],
  values: Float32Array,
  shape: readonly number[],
  cosine: Float64Array,
  rows: Rows,
): KernelAnalysis['summary'] {
  const n = kernels.length;
  const [kh, kw, cin] = shape;
  const edges = kernels.filter((k) => isOriented(k.kernelClass)).length;
  const share = orientedByChance(kh, kw);
  const expected = n * share;
  const pValue = binomialTail(n, share, edges);
  const entropy = varianceEntropy(values, shape);
  const colours = kernels.filter((k) => k.kernelClass === 'colour').length;
  return {
    edges,
    expectedByChance: expected,
    pValue,
    colours: cin === 3 ? coloursOf(n, colours) : null,
    sparsity: sparsity(values, shape),
    varianceEntropy: entropy?.entropy ?? null,
    varianceEntropyRatio: entropy?.ratio ?? null,
    orthogonality: orthogonality(cosine, n),
    effectiveKernels: effectiveNumber(rows, cosine),
    chanceEffectiveKernels: chanceEffectiveKernels(n, rows.d),
    meanAbsCosine: meanAbsCosine(cosine, n),
    chanceMeanAbsCosine: chanceMeanAbsCosine(rows.d),
    sentence: expected > 0 ? edgeSentence(n, edges, expected, pValue) : `Kernels of ${kh} × ${kw} have no room for an edge.`,
  };
}

function coloursOf(n: number, count: number): KernelAnalysis['summary']['colours'] {
  const expectedByChance = n * EDGE_LEVEL;
  const pValue = binomialTail(n, EDGE_LEVEL, count);
  const likely = count > 0 ? `, and at least ${count} with probability ${probabilityWords(pValue)}` : '';
  const verdict = pValue < 0.01 ? 'more than chance explains' : 'no more than chance';
  const sentence = `${count} of ${n} kernels ${count === 1 ? 'tells' : 'tell'} colours apart, if the three channels are red, green and blue; ${n} random ones would give ${expectedByChance.toFixed(2)} on average${likely}: ${verdict}.`;
  return { count, expectedByChance, pValue, sentence };
}

function probabilityWords(p: number): string {
  return p < 0.0001 ? 'below 0.0001' : p.toPrecision(2);
}

/** The counts in words, beside chance; with few kernels also what they could have shown at all. */
function edgeSentence(n: number, edges: number, expected: number, pValue: number): string {
  const counts = `${edges} of ${n} ${n === 1 ? 'kernel' : 'kernels'} ${edges === 1 ? 'is an edge filter' : 'are edge filters'}; ${n} random ${n === 1 ? 'one' : 'ones'} would give ${expected.toFixed(expected < 1 ? 2 : 1)} on average`;
  if (edges === 0) return `${counts}: no more than chance.`;
  const likely = `${counts}, and at least ${edges} with probability ${probabilityWords(pValue)}`;
  if (pValue < 0.01) return `${likely}: more than chance explains.`;
  const needed = Array.from({ length: n }, (_, k) => k + 1).find((k) => binomialTail(n, expected / n, k) < 0.01);
  const enough =
    needed === undefined ? 'even if all of them were, so few could not show more' : `it would take ${needed} to show more than chance`;
  return `${likely}: no more than chance. ${n < 10 ? `From so few it can’t be told: ${enough}.` : `With ${n} kernels ${enough}.`}`;
}

/** @param slice the kernel summed over its channels */
function classify(own: Float64Array, slice: Float64Array, [kh, kw, cin]: number[], layerMax: number): Classification {
  const plain: Classification = { kernelClass: 'none', edgeScore: 0, chance: 1, orientation: null };
  const largest = largestOf(own);
  if (largest <= 0.01 * layerMax) return { ...plain, kernelClass: 'flat' };
  // Channels that cancel out leave nothing to see, and one row or column has no plane to fit.
  const hasPattern = kh > 1 && kw > 1 && largestOf(slice) > 0.01 * largest;
  const found = hasPattern ? classifySlice(slice, kh, kw, 0) : plain;
  const colour = cin === 3 ? colourOpponency(own) : null;
  if (!colour) return found;
  // A kernel that tells colours apart is called by that, whatever its sum over the channels looks like.
  return colour.chance <= EDGE_LEVEL ? { ...found, colour, kernelClass: 'colour', orientation: null } : { ...found, colour };
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > largest) largest = Math.abs(values[i]);
  return largest;
}

/** [positions, filters]: each kernel summed over its input channels. */
function channelSums(values: Float32Array, positions: number, cin: number, filters: number): Float64Array {
  const sums = new Float64Array(positions * filters);
  for (let p = 0; p < positions; p++)
    for (let c = 0; c < cin; c++) for (let f = 0; f < filters; f++) sums[p * filters + f] += values[(p * cin + c) * filters + f];
  return sums;
}
