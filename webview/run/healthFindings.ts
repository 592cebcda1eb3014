import { formatCount, formatNumber } from '../ui/format';

/** One layer's state in one frame; null where the frame does not tell. */
export interface LayerState {
  name: string;
  isTrainable: boolean;
  /** mean |ΔW| ÷ mean |W| of its kernel in the last step. */
  updateRatio: number | null;
  /** L2 norm of its kernel's gradient. */
  gradientNorm: number | null;
  /** |W − W₀| ÷ |W₀| of its kernel. */
  moved: number | null;
  /** Kernels or units whose gradient is exactly zero in this batch, of how many. */
  silent: number | null;
  tiles: number;
  /** Values that are NaN or infinite. */
  notFinite: number;
}

/** Something worth knowing: what was seen, with its numbers, and what people usually do about it. */
export interface HealthFinding {
  layer: string;
  what: string;
  advice: string;
}

/** A step that changes weights by more than this share of their size on average; about 0.001 is usual (CS231n's rule of thumb). */
const FAST = 0.05;
const SLOW = 1e-5;
/** Gradients of the first layer that are smaller than the last one's by this factor have faded. */
const FADED = 1e-4;

/** @param layers those with weights, in the model's order */
export function healthFindings(layers: readonly LayerState[]): HealthFinding[] {
  const findings: HealthFinding[] = [];
  for (const l of layers) {
    const add = (what: string, advice: string) => findings.push({ layer: l.name, what, advice });
    if (l.notFinite > 0) {
      add(
        `${formatCount(l.notFinite)} of its weights are not numbers any more.`,
        'Rewind, and train with a learning rate a tenth of this one.',
      );
      continue;
    }
    if (!l.isTrainable) continue;
    const ratio = l.updateRatio;
    if (ratio !== null && ratio > FAST)
      add(
        `changes very fast: the last step changed its weights by ${formatNumber(ratio * 100, 2)} % of their size, where about 0.1 % is usual.`,
        'A smaller learning rate calms it. Right at the start this can pass by itself.',
      );
    if (ratio !== null && ratio < SLOW && l.silent !== l.tiles)
      add(
        `hardly moves: the last step changed its weights by ${formatNumber(ratio * 100, 2)} % of their size.`,
        'A larger learning rate, or fewer layers for the gradient to come through.',
      );
    if (l.silent !== null && l.tiles > 1 && l.silent >= l.tiles / 2)
      add(
        `${l.silent} of ${l.tiles} got no gradient at all from the last batch.`,
        'If it stays so they are dead: behind a ReLU a smaller learning rate, He initialisation or LeakyReLU helps.',
      );
  }
  const moving = layers.filter((l) => l.isTrainable && l.gradientNorm !== null && l.gradientNorm > 0);
  const [first, last] = [moving[0], moving[moving.length - 1]];
  if (moving.length > 2 && first.gradientNorm !== null && last.gradientNorm !== null && first.gradientNorm < last.gradientNorm * FADED)
    findings.push({
      layer: first.name,
      what: `its gradient (norm ${formatNumber(first.gradientNorm, 2)}) has faded beside that of ${last.name} (${formatNumber(last.gradientNorm, 2)}).`,
      advice: 'Batch normalisation, shortcuts between layers or another activation than sigmoid let it through.',
    });
  return findings;
}
