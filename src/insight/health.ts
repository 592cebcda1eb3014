import type { OutputSample } from '../common/outputSample';
import type { MetricsTable } from '../common/run';
import { lossFindings } from './healthOfLoss';
import type { HealthSample, LayerSample } from './healthSample';

export type FindingKind =
  | 'not-finite'
  | 'update-too-large'
  | 'update-too-small'
  | 'exploding-gradient'
  | 'vanishing-gradient'
  | 'no-gradient'
  | 'dead-units'
  | 'saturated'
  | 'less-diverse'
  | 'loss-rises'
  | 'loss-flat'
  | 'overfitting';

/** Something out of the ordinary, in plain language, with what it was seen from. */
export interface HealthFinding {
  kind: FindingKind;
  /** `problem`: training hardly works like this. `watch`: worth knowing. */
  severity: 'problem' | 'watch';
  /** null: of the whole network. */
  layer: string | null;
  finding: string;
  /** The numbers behind it, and the steps they are of. */
  evidence: string;
  /** What people usually do about it. */
  usually: string;
}

export interface HealthInput {
  /** Ascending by step; frames of step 0 say where the kernels began. */
  samples: readonly HealthSample[];
  metrics: MetricsTable;
  /** Of the newest step; empty where nobody looked. */
  outputs?: readonly OutputSample[];
  /** The last layer's outputs are meant to be extreme. */
  lastLayer: string | null;
  /** For classifiers: how many classes. */
  classes?: number | null;
}

/** Recorded steps that are judged together: one batch proves little. */
const WINDOW = 5;
/** A unit is called dead only after this many batches without any gradient. */
const LEAST_BATCHES = 3;
/** Rule of thumb 1e-3 (Stanford cs231n, "Ratio of weights:updates"); two decades off on either side is far off. */
const LARGEST_RATIO = 1e-1;
const SMALLEST_RATIO = 1e-5;
/** A layer whose gradient, relative to its weights, is this much smaller than the network's largest learns next to nothing. */
const VANISHED = 1e-4;
/** Steps to wait before the gradient's growth is judged, and the growth that is out of the ordinary. */
const EXPLODED = 100;
const MOST_SATURATED = 0.5;
/** Left of the kernels' effective number. */
const DIVERSITY_KEPT = 0.6;

/** Looks at a run layer by layer; an ordinary run gives no findings. Problems come first. */
export function findHealth(input: HealthInput): HealthFinding[] {
  const trained = input.samples.filter((s) => s.step > 0);
  const recent = trained.slice(-WINDOW);
  const findings = [...finiteness(input, recent), ...lossFindings(input.metrics, input.classes ?? null)];
  // What follows from numbers that are none would be noise.
  if (findings.some((f) => f.kind === 'not-finite')) return findings.filter((f) => f.kind === 'not-finite');
  findings.push(...silence(recent, input.outputs ?? []));
  const isSilent = new Set(findings.filter((f) => f.kind === 'no-gradient').map((f) => f.layer));
  for (const { layer } of recent.at(-1)?.layers ?? []) {
    if (isSilent.has(layer)) continue;
    findings.push(...updateFindings(layer, recent), ...diversity(layer, input.samples, recent));
  }
  if (isSilent.size === 0) findings.push(...vanishing(recent));
  findings.push(...explosion(trained), ...saturation(input.outputs ?? [], input.lastLayer));
  return findings.sort((a, b) => Number(b.severity === 'problem') - Number(a.severity === 'problem'));
}

/** One finding stays the same finding while its numbers change. */
export function findingKey({ kind, layer }: HealthFinding): string {
  return `${kind} ${layer ?? ''}`;
}

function finiteness({ metrics }: HealthInput, recent: readonly HealthSample[]): HealthFinding[] {
  const row = metrics.steps.find((r) => !Number.isFinite(r.values.loss ?? 0));
  const broken = recent.at(-1)?.layers.find((l) => !l.isFinite);
  if (!row && !broken) return [];
  return [
    {
      kind: 'not-finite',
      severity: 'problem',
      layer: broken?.layer ?? null,
      finding: 'The numbers have overflowed: nothing more is learned from here on.',
      evidence: row
        ? `The loss is ${row.values.loss} at step ${row.step}.`
        : `${broken?.layer} holds values that are no finite numbers at step ${recent.at(-1)?.step}.`,
      usually:
        'Divide the learning rate by ten and train again from the start; look for missing values in the data; clip gradients (clipnorm) if it comes back.',
    },
  ];
}

/** Units and whole layers that got no gradient in several batches. */
function silence(recent: readonly HealthSample[], outputs: readonly OutputSample[]): HealthFinding[] {
  if (recent.length < LEAST_BATCHES) return [];
  const names = recent[recent.length - 1].layers.map((l) => l.layer);
  const found = names.flatMap((layer) => {
    const samples = recent.map((s) => sampleOf(s, layer)).filter((l) => l?.silent);
    if (samples.length < LEAST_BATCHES) return [];
    const silent = samples.map((l) => l?.silent ?? []).reduce((a, b) => a.filter((u) => b.includes(u)));
    return silent.length > 0 ? [{ layer, silent, units: samples[0]?.units ?? 0, batches: samples.length }] : [];
  });
  const whole = found.filter((f) => f.silent.length === f.units);
  // A layer whose bias still gets a gradient is reached, but what comes into it is all zero.
  const isReached = (layer: string) => recent.some((s) => sampleOf(s, layer)?.isBiasMoved);
  // Behind a layer that passes nothing back, all earlier ones are silent as well: the last one is the cause.
  const cause = whole.filter((f) => !isReached(f.layer)).at(-1)?.layer;
  const findings: HealthFinding[] = whole.map(({ layer, units, batches }) => ({
    kind: 'no-gradient',
    severity: 'problem',
    layer,
    finding: isReached(layer)
      ? `The weights of ${layer} do not learn: nothing but zeros comes into it.`
      : layer === cause
        ? `No gradient reaches ${layer}: it does not learn at all.`
        : `${layer} gets no gradient either, because ${cause} behind it passes none back.`,
    evidence: `The gradient of all ${units} units is exactly 0 in ${batches} recorded batches, ${stepsText(recent)}.`,
    usually: 'Lower the learning rate and start again from the same seed; with ReLU, He initialisation or LeakyReLU keeps units alive.',
  }));
  for (const { layer, silent, units, batches } of found) {
    if (silent.length === units) continue;
    const share = silent.length / units;
    const output = outputs.find((o) => o.layer === layer);
    const confirmed = output && silent.filter((u) => output.neverActive.includes(u)).length;
    findings.push({
      kind: 'dead-units',
      severity: share >= 0.4 ? 'problem' : 'watch',
      layer,
      finding: `${silent.length} of ${units} units of ${layer} ${silent.length === 1 ? 'has' : 'have'} stopped learning.`,
      evidence:
        `${silent.length === 1 ? 'Its' : 'Their'} gradient is exactly 0 in each of ${batches} recorded batches, ${stepsText(recent)}: ${listed(silent)}.` +
        (output && confirmed !== undefined ? ` ${confirmed} of them gave 0 for all of ${output.samples} outputs looked at.` : ''),
      usually: 'A few are normal with ReLU. If there are many: a smaller learning rate, He initialisation, or LeakyReLU in place of ReLU.',
    });
  }
  return findings;
}

function updateFindings(layer: string, recent: readonly HealthSample[]): HealthFinding[] {
  const ratios = recent.map((s) => sampleOf(s, layer)?.updateRatio ?? null).filter((r) => r !== null);
  if (ratios.length < LEAST_BATCHES) return [];
  const ratio = median(ratios);
  const evidence = `A step changes its weights by ${power(ratio)} of their size (median of ${ratios.length} steps, ${stepsText(recent)}); about 10⁻³ is usual.`;
  if (ratio > LARGEST_RATIO)
    return [
      {
        kind: 'update-too-large',
        severity: 'problem',
        layer,
        finding: `${layer} is changed so much by every step that it cannot settle.`,
        evidence,
        usually: 'Lower the learning rate, by a factor of ten to begin with.',
      },
    ];
  if (ratio < SMALLEST_RATIO && ratio > 0)
    return [
      {
        kind: 'update-too-small',
        severity: 'watch',
        layer,
        finding: `${layer} hardly changes.`,
        evidence,
        usually:
          'At the end of a run that has converged this is as it should be. Earlier: raise the learning rate, or see whether gradients reach the layer.',
      },
    ];
  return [];
}

/** Gradients relative to the weights, first layers against the network's largest. */
function vanishing(recent: readonly HealthSample[]): HealthFinding[] {
  if (recent.length < LEAST_BATCHES) return [];
  const relative = recent[recent.length - 1].layers.flatMap(({ layer }) => {
    const values = recent
      .map((s) => sampleOf(s, layer))
      .flatMap((l) => (l?.gradientRms && l.weightRms > 0 ? [l.gradientRms / l.weightRms] : []));
    return values.length >= LEAST_BATCHES ? [{ layer, value: median(values) }] : [];
  });
  const largest = relative.reduce((a, b) => (b.value > a.value ? b : a), { layer: '', value: 0 });
  return relative
    .filter((l) => l.value < VANISHED * largest.value)
    .map(({ layer, value }) => ({
      kind: 'vanishing-gradient',
      severity: 'watch',
      layer,
      finding: `Next to no gradient reaches ${layer}.`,
      evidence: `Measured by the size of its weights, its gradient is ${power(value / largest.value)} of that of ${largest.layer} (${stepsText(recent)}).`,
      usually: 'ReLU in place of sigmoid or tanh, batch normalisation, shortcuts around layers (residual connections), or fewer layers.',
    }));
}

function explosion(trained: readonly HealthSample[]): HealthFinding[] {
  if (trained.length < 2 * LEAST_BATCHES) return [];
  const sizes = trained.map((s) => Math.sqrt(s.layers.reduce((sum, l) => sum + (l.gradientRms ?? 0) ** 2, 0)));
  const now = median(sizes.slice(-LEAST_BATCHES));
  const before = median(sizes.slice(0, -LEAST_BATCHES));
  if (!(before > 0) || now < EXPLODED * before) return [];
  return [
    {
      kind: 'exploding-gradient',
      severity: 'problem',
      layer: null,
      finding: 'The gradients have grown out of proportion.',
      evidence: `Their size is ${Math.round(now / before).toLocaleString('en-US')} times what it was (medians: ${now.toPrecision(2)} over the last ${LEAST_BATCHES} recorded steps, ${before.toPrecision(2)} before, up to step ${trained[trained.length - 1].step}).`,
      usually: 'A lower learning rate, gradient clipping (clipnorm), or batch normalisation.',
    },
  ];
}

function saturation(outputs: readonly OutputSample[], lastLayer: string | null): HealthFinding[] {
  return outputs.flatMap(({ layer, activation, saturated, samples, units }) =>
    saturated !== null && saturated > MOST_SATURATED && layer !== lastLayer
      ? [
          {
            kind: 'saturated' as const,
            severity: 'watch' as const,
            layer,
            finding: `Most outputs of ${layer} stand at the flat ends of ${activation}, where hardly any gradient passes.`,
            evidence: `${Math.round(100 * saturated)} % of ${(samples * units).toLocaleString('en-US')} outputs have a derivative below 5 % of its largest value.`,
            usually: 'Smaller initial weights (Glorot), inputs scaled to about −1 … 1, batch normalisation before the activation, or ReLU.',
          },
        ]
      : [],
  );
}

/** Kernels that have grown alike since the start. */
function diversity(layer: string, samples: readonly HealthSample[], recent: readonly HealthSample[]): HealthFinding[] {
  const first = samples[0]?.step === 0 ? sampleOf(samples[0], layer) : null;
  const last = recent.length > 0 ? sampleOf(recent[recent.length - 1], layer) : null;
  if (!first?.effectiveKernels || !last?.effectiveKernels || last.effectiveKernels > DIVERSITY_KEPT * first.effectiveKernels) return [];
  const [before, now] = [first.effectiveKernels, last.effectiveKernels].map((n) => n.toFixed(1));
  return [
    {
      kind: 'less-diverse',
      severity: 'watch',
      layer,
      finding: `The kernels of ${layer} have grown alike.`,
      evidence: `The effective number of different kernels (exponential of the entropy of their cosines' eigenvalues) fell from ${before} at the start to ${now} of ${last.units} at step ${recent[recent.length - 1].step}.`,
      usually:
        'The layer may need fewer units than it has. If accuracy is poor as well: a lower learning rate, less weight decay, or batch normalisation.',
    },
  ];
}

function sampleOf(sample: HealthSample, layer: string): LayerSample | null {
  return sample.layers.find((l) => l.layer === layer) ?? null;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function stepsText(samples: readonly HealthSample[]): string {
  const [from, to] = [samples[0].step, samples[samples.length - 1].step];
  return from === to ? `step ${from}` : `steps ${from} to ${to}`;
}

function listed(units: readonly number[]): string {
  const shown = units.slice(0, 12).join(', ');
  return units.length > 12 ? `${shown} and ${units.length - 12} more` : shown;
}

/** `3.2 × 10⁻⁵` */
function power(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e');
  const raised = [...exponent.replace('+', '')].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
  return `${digits} × 10${raised}`;
}
