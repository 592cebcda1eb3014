import type { OptimizerSpec } from '../common/modelSpec';
import { coupledDecay, isTorch, optimizerRule } from './optimizerRules';

/** One weight's numbers around one step, as a frame of a watched layer holds them. */
export interface StepNumbers {
  before: number;
  /** As the optimiser takes it (after clipping, if the file clips). */
  gradient: number;
  after: number;
  state: Record<string, number>;
  stateBefore: Record<string, number>;
  /** Number of the step, from 1. */
  step: number;
}

export interface StepLine {
  label: string;
  formula: string;
  value: number;
}

export interface StepExplanation {
  lines: StepLine[];
  /** What the rule gives for `before` and `gradient`: the very float that the next frame holds. */
  predicted: number;
}

/**
 * Writes out one weight's step in the optimiser's own rule. `predicted` is computed by the rule the engine applies, not by the
 * printed formula, so rounding is the same.
 * @throws Error when the optimiser is not known.
 */
export function explainStep(optimizer: OptimizerSpec, learningRate: number, numbers: StepNumbers): StepExplanation {
  const rule = optimizerRule(optimizer);
  const decay = typeof optimizer.config.weight_decay === 'number' ? optimizer.config.weight_decay : 0;
  const w = new Float32Array([numbers.before]);
  const g = new Float32Array([numbers.gradient]);
  const slots = rule.slots.map((slot) => new Float32Array([numbers.stateBefore[slot] ?? rule.initial(slot)]));
  const lines: StepLine[] = [{ label: 'gradient', formula: 'g = ∂L/∂w', value: numbers.gradient }];
  if (decay > 0) {
    w[0] -= w[0] * decay * learningRate;
    lines.push({ label: 'weight decay', formula: 'w ← w − w · decay · lr', value: w[0] });
  }
  const coupled = coupledDecay(optimizer);
  if (coupled > 0) {
    g[0] += coupled * w[0];
    lines.push({ label: 'gradient with weight decay', formula: 'g ← g + decay · w', value: g[0] });
  }
  const decayed = w[0];
  rule.apply(w, g, slots, learningRate, numbers.step);
  rule.slots.forEach((slot, i) =>
    lines.push({ label: slot, formula: slotFormula(optimizer.className, slot, isTorch(optimizer)), value: slots[i][0] }),
  );
  lines.push({ label: 'update', formula: updateFormula(optimizer), value: w[0] - decayed });
  lines.push({ label: 'new weight', formula: 'w ← w + Δw', value: w[0] });
  return { lines, predicted: w[0] };
}

function slotFormula(optimizer: string, slot: string, isTorchRule: boolean): string {
  switch (slot) {
    case 'm':
      if (optimizer === 'Lion') return 'm ← β₂ · m + (1 − β₂) · g';
      return 'm ← m + (g − m) · (1 − β₁)';
    case 'v':
      return 'v ← v + (g² − v) · (1 − β₂)';
    case 'vhat':
      return 'v̂ ← max(v̂, v)';
    case 'u':
      return 'u ← max(β₂ · u, |g|)';
    case 'velocity':
      return 'v ← ρ · v + (1 − ρ) · g²';
    case 'average_gradient':
      return 'ḡ ← ρ · ḡ + (1 − ρ) · g';
    case 'momentum':
      if (isTorchRule) return optimizer === 'SGD' ? 'm ← momentum · m + g' : 'm ← momentum · m + g / (√v + ε)';
      return optimizer === 'SGD' ? 'm ← momentum · m − lr · g' : 'm ← momentum · m + lr · g / √(v + ε)';
    case 'accumulator':
      return 'a ← a + g²';
    case 'accumulated_grad':
      return 'E[g²] ← ρ · E[g²] + (1 − ρ) · g²';
    case 'accumulated_delta_var':
      return 'E[Δ²] ← ρ · E[Δ²] + (1 − ρ) · Δ²';
    default:
      return 'z ← z + g − (a′^p − a^p) / lr · w';
  }
}

function updateFormula(optimizer: OptimizerSpec): string {
  const { className, config } = optimizer;
  if (isTorch(optimizer)) {
    if (className === 'SGD' && config.momentum) return config.nesterov === true ? 'Δw = −lr · (g + momentum · m)' : 'Δw = −lr · m';
    if (className === 'RMSprop') return config.momentum ? 'Δw = −lr · m' : 'Δw = −lr · g / (√v + ε)';
    if (className === 'Adagrad') return 'Δw = −lr · g / (√a + ε)';
    if (className === 'Adamax') return 'Δw = −lr / (1 − β₁ᵗ) · m / u';
  }
  switch (className) {
    case 'SGD':
      if (!config.momentum) return 'Δw = −lr · g';
      return config.nesterov === true ? 'Δw = momentum · m − lr · g' : 'Δw = m';
    case 'Adam':
    case 'AdamW':
      return 'Δw = −lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)';
    case 'Adamax':
      return 'Δw = −lr / (1 − β₁ᵗ) · m / (u + ε)';
    case 'Nadam':
      return 'Δw = −lr · m̂ / (√v̂ + ε), m̂ with Nesterov’s look-ahead';
    case 'RMSprop':
      return config.momentum ? 'Δw = −m' : 'Δw = −lr · g / √(v + ε)';
    case 'Adagrad':
      return 'Δw = −lr · g / √(a + ε)';
    case 'Lion':
      return 'Δw = −lr · sign(β₁ · m + (1 − β₁) · g), m from before the step';
    case 'Adadelta':
      return 'Δw = −lr · √(E[Δ²] + ε) / √(E[g²] + ε) · g';
    default:
      return 'w ← (clip(z, ±λ₁) − z) / (a^p / lr + 2 λ₂)';
  }
}
