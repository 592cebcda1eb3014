import { binomialTail } from './binomial';
import {
  chanceMeanAbsCosine,
  cosines,
  effectiveKernels,
  kernelRows,
  meanAbsCosine,
  nearestTwin,
  orthogonality,
  sparsity,
  varianceEntropy,
} from './distinctiveness';
import { classifySlice, EDGE_LEVEL, type Classification } from './kernelClass';

export interface KernelInsight extends Classification {
  index: number;
  norm: number;
  /** The most similar other kernel, negatives counting as similar. */
  nearest: { index: number; cosine: number } | null;
}

export interface LayerSummary {
  edges: number;
  /** Edges that as many random isotropic kernels would give on average. */
  expectedByChance: number;
  /** P(at least `edges` of as many random kernels). */
  pValue: number;
  sparsity: number;
  varianceEntropy: number | null;
  varianceEntropyRatio: number | null;
  orthogonality: number;
  effectiveKernels: number;
  meanAbsCosine: number;
  chanceMeanAbsCosine: number;
  /** The answer in a sentence, with its evidence. */
  sentence: string;
}

export interface LayerInsight {
  kernels: KernelInsight[];
  summary: LayerSummary;
}

/**
 * What a conv layer's kernels are, beside what chance alone would give. Kernels with several input channels are classified by the sum
 * over their channels; similarity uses all of their weights.
 * @param values kernel in the layout [kh, kw, cin, filters]
 */
export function layerInsight(values: Float32Array, shape: readonly number[]): LayerInsight {
  const [kh, kw, cin, filters] = shape;
  const sums = channelSums(values, kh * kw, cin, filters);
  const layerMax = sums.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const rows = kernelRows(values, shape);
  const cosine = cosines(rows);
  const kernels: KernelInsight[] = [];
  for (let f = 0; f < filters; f++) {
    const slice = Float64Array.from({ length: kh * kw }, (_, p) => sums[p * filters + f]);
    let squares = 0;
    for (let i = 0; i < rows.d; i++) squares += rows.values[f * rows.d + i] ** 2;
    // One row or column has no plane to fit.
    const classification: Classification =
      kh > 1 && kw > 1
        ? classifySlice(slice, kh, kw, layerMax)
        : { kernelClass: slice.every((x) => Math.abs(x) <= 0.01 * layerMax) ? 'flat' : 'none', edgeScore: 0, chance: 1, orientation: null };
    kernels.push({ index: f, ...classification, norm: Math.sqrt(squares), nearest: nearestTwin(cosine, filters, f) });
  }
  return { kernels, summary: summarise(kernels, values, shape, cosine, rows.d) };
}

function summarise(
  kernels: KernelInsight[],
  values: Float32Array,
  shape: readonly number[],
  cosine: Float64Array,
  d: number,
): LayerSummary {
  const n = kernels.length;
  const edges = kernels.filter((k) => k.kernelClass === 'edge').length;
  const expected = n * EDGE_LEVEL;
  const pValue = binomialTail(n, EDGE_LEVEL, edges);
  const entropy = varianceEntropy(values, shape);
  const verdict = pValue < 0.01 ? 'more than chance explains' : 'no more than chance';
  return {
    edges,
    expectedByChance: expected,
    pValue,
    sparsity: sparsity(values, shape),
    varianceEntropy: entropy?.entropy ?? null,
    varianceEntropyRatio: entropy?.ratio ?? null,
    orthogonality: orthogonality(cosine, n),
    effectiveKernels: effectiveKernels(cosine, n),
    meanAbsCosine: meanAbsCosine(cosine, n),
    chanceMeanAbsCosine: chanceMeanAbsCosine(d),
    sentence: `${edges} of ${n} kernels ${edges === 1 ? 'is an edge filter' : 'are edge filters'}; ${n} random ones would give ${expected.toFixed(expected < 1 ? 2 : 1)} on average, and at least ${edges} with probability ${pValue.toPrecision(2)}: ${verdict}.`,
  };
}

/** [positions, filters]: each kernel summed over its input channels. */
function channelSums(values: Float32Array, positions: number, cin: number, filters: number): Float64Array {
  const sums = new Float64Array(positions * filters);
  for (let p = 0; p < positions; p++)
    for (let c = 0; c < cin; c++) for (let f = 0; f < filters; f++) sums[p * filters + f] += values[(p * cin + c) * filters + f];
  return sums;
}
