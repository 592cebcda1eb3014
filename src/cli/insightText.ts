import type { KernelAnalysis, KernelFinding } from '../common/kernelAnalysis';
import { classByChance } from '../insight/classByChance';
import { nearestByChance } from '../insight/cosineByChance';

const CLASSES: [KernelFinding['kernelClass'], string][] = [
  ['edge', 'edge'],
  ['gabor', 'Gabor: stripes under a window'],
  ['colour', 'colour-opponent'],
  ['line', 'line or centre-surround'],
  ['blob', 'blob: mostly of one sign'],
  ['flat', 'flat: nearly zero'],
  ['none', 'none of these'],
];
/** Kernels listed by number in a line. */
const LISTED = 12;

/** What a layer's kernels are, as lines for a terminal, each count beside what chance alone would give. */
export function insightText(
  layer: { name: string; shape: number[]; initialiser: string | null },
  analysis: KernelAnalysis,
  step: number | null,
): string {
  const { kernels, summary } = analysis;
  const [kh, kw, cin, n] = layer.shape;
  const when = [step === null ? '' : `after step ${step}`, layer.initialiser ? `first drawn by ${layer.initialiser}` : ''].filter(Boolean);
  const lines = [[`${layer.name} [${layer.shape.join(', ')}]`, ...when].join(', '), summary.sentence];
  if (summary.colours) lines.push(summary.colours.sentence);
  const rows = CLASSES.map(([kind, label]) => {
    const found = kernels.filter((k) => k.kernelClass === kind);
    const listed =
      kind === 'none'
        ? ''
        : found
            .slice(0, LISTED)
            .map((k) => k.index)
            .join(', ') + (found.length > LISTED ? ', …' : '');
    return { label, count: found.length, chance: n * classByChance(kind, [kh, kw, cin]), listed };
  }).filter((row) => row.count > 0 || row.chance > 0);
  const width = Math.max(...rows.map((row) => row.label.length));
  lines.push(`  ${'looks like'.padEnd(width)}  kernels  by chance  which`);
  for (const { label, count, chance, listed } of rows)
    lines.push(`  ${label.padEnd(width)}  ${String(count).padStart(7)}  ${amount(chance).padStart(9)}  ${listed}`.trimEnd());
  if (n > 1) lines.push(alikeText(analysis, kh * kw * cin));
  if (summary.varianceEntropyRatio !== null)
    lines.push(
      `Nearly empty slices: ${(summary.sparsity * 100).toFixed(1)} % (by chance 0). Variance entropy ${summary.varianceEntropy?.toFixed(3)}, ${summary.varianceEntropyRatio.toFixed(2)} of what random slices reach (about 0.9 in well-trained networks, near 0 redundant).`,
    );
  return lines.join('\n  ');
}

/** @param d weights of a kernel */
function alikeText({ kernels, summary }: KernelAnalysis, d: number): string {
  const n = kernels.length;
  const [closest] = kernels.filter((k) => k.nearest).sort((a, b) => Math.abs(b.nearest?.cosine ?? 0) - Math.abs(a.nearest?.cosine ?? 0));
  const pair = closest?.nearest
    ? ` Closest are ${closest.index} and ${closest.nearest.index}, cosine ${closest.nearest.cosine.toFixed(2)}; a random kernel's nearest would be at about ${nearestByChance(n, d)?.toFixed(2)}, whatever its sign.`
    : '';
  return `They count as ${summary.effectiveKernels.toFixed(1)} different ones of at most ${Math.min(n, d)}; ${n} random ones would count as ${summary.chanceEffectiveKernels.toFixed(1)}. Mean |cosine| of pairs ${summary.meanAbsCosine.toFixed(3)}, by chance ${summary.chanceMeanAbsCosine.toFixed(3)}.${pair}`;
}

function amount(expected: number): string {
  return expected === 0 ? '0' : expected < 0.1 ? expected.toPrecision(1) : expected.toFixed(1);
}
