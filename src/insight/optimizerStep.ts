import type { OptimizerSpec } from '../common/modelSpec';
import { clippingOf } from './gradientClipping';
import { coupledDecay, decayWeights, isTorch, optimizerRule, weightDecayOf } from './optimizerRules';

/** One weight's numbers around one step, as a frame of a watched layer holds them. */
export interface StepNumbers {
  before: number;
  /** Of the batch's mean loss. */
  gradient: number;
  /** As the optimiser takes it; left out when nothing is clipped. */
  clipped?: number;
  after: number;
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
  const decay = weightDecayOf(optimizer);
  const w = new Float32Array([numbers.before]);
  const g = new Float32Array([numbers.clipped ?? numbers.gradient]);
  const slots = rule.slots.map((slot) => new Float32Array([numbers.stateBefore[slot] ?? rule.initial(slot)]));
  const lines: StepLine[] = [{ label: 'gradient', formula: 'g = ∂L/∂w', value: numbers.gradient }];
  const clipping = clippingOf(optimizer);
  if (clipping && numbers.clipped !== undefined)
    lines.push({ label: 'clipped gradient', formula: CLIPPED[clipping.kind](clipping.limit), value: numbers.clipped });
  if (decay > 0) {
    decayWeights(w, decay, learningRate);
    lines.push({ label: 'weight decay', formula: 'w ← w − w · decay · lr', value: w[0] });
  }
  const coupled = coupledDecay(optimizer);
  if (coupled > 0) {
    g[0] += coupled * w[0];
    lines.push({ label: 'gradient with weight decay', formula: 'g ← g + decay · w', value: g[0] });
  }
  const decayed = w[0];
  rule.apply(w, g, slots, learningRate, numbers.step);
  // RMSprop's momentum is made from the mean gradient, which Keras keeps behind it.
  const inOrder = [...rule.slots.keys()].sort((a, b) => Number(rule.slots[a] === 'momentum') - Number(rule.slots[b] === 'momentum'));
  for (const i of inOrder) lines.push({ label: rule.slots[i], formula: slotFormula(optimizer, rule.slots[i]), value: slots[i][0] });
  if (optimizer.className === 'Nadam') lines.push(...lookAhead(optimizer, numbers.step, g[0], slots[0][0], slots[1][0]));
  lines.push({ label: 'update', formula: updateFormula(optimizer), value: w[0] - decayed });
  lines.push({ label: 'new weight', formula: 'w ← w + Δw', value: w[0] });
  return { lines, predicted: w[0] };
}

const CLIPPED = {
  clipnorm: (limit: number) => `g ← g · min(1, ${limit} / |all gradients of this weight array|)`,
  global_clipnorm: (limit: number) => `g ← g · min(1, ${limit} / |all gradients of the model|)`,
  clipvalue: (limit: number) => `g ← min(${limit}, max(−${limit}, g))`,
};

/** Nadam's own momentum schedule and bias corrections (Dozat 2016, as in Keras). */
function lookAhead({ config }: OptimizerSpec, t: number, g: number, m: number, v: number): StepLine[] {
  const number = (key: string, fallback: number): number => (typeof config[key] === 'number' ? config[key] : fallback);
  const [b1, b2] = [number('beta_1', 0.9), number('beta_2', 0.999)];
  // Keras 1 and 2, and PyTorch, let the momentum come up more slowly.
  const decay = number('schedule_decay', 1);
  const mu = (k: number): number => b1 * (1 - 0.5 * 0.96 ** (k * decay));
  const exponents = decay === 1 ? ['0.96ᵗ', '0.96ᵗ⁺¹'] : [`0.96^(t · ${decay})`, `0.96^((t + 1) · ${decay})`];
  let product = 1;
  for (let k = 1; k <= t && product > 1e-30; k++) product *= mu(k);
  const [now, next] = [mu(t), mu(t + 1)];
  return [
    { label: 'μ', formula: `μ = β₁ · (1 − 0.5 · ${exponents[0]}), this step’s momentum`, value: now },
    { label: 'μ′', formula: `μ′ = β₁ · (1 − 0.5 · ${exponents[1]}), the next step’s`, value: next },
    { label: 'P', formula: 'P = all μ so far, multiplied', value: product },
    {
      label: 'm̂',
      formula: 'm̂ = μ′ · m / (1 − P · μ′) + (1 − μ) · g / (1 − P)',
      value: (next * m) / (1 - product * next) + ((1 - now) * g) / (1 - product),
    },
    { label: 'v̂', formula: 'v̂ = v / (1 − β₂ᵗ)', value: v / (1 - b2 ** t) },
  ];
}

function slotFormula(spec: OptimizerSpec, slot: string): string {
  const optimizer = spec.className;
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
      if (isTorch(spec)) return optimizer === 'SGD' ? 'm ← momentum · m + g' : `m ← momentum · m + g / ${rmspropRoot(spec)}`;
      return optimizer === 'SGD' ? 'm ← momentum · m − lr · g' : `m ← momentum · m + lr · g / ${rmspropRoot(spec)}`;
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

/** Centred RMSprop takes off the square of the mean gradient: what is left is the gradient's variance. PyTorch adds ε to the root. */
function rmspropRoot(spec: OptimizerSpec): string {
  const variance = spec.config.centered === true ? 'v − ḡ · ḡ' : 'v';
  if (!isTorch(spec)) return `√(${variance} + ε)`;
  return `(√${variance === 'v' ? 'v' : `(${variance})`} + ε)`;
}

function updateFormula(optimizer: OptimizerSpec): string {
  const { className, config } = optimizer;
  if (isTorch(optimizer)) {
    if (className === 'SGD' && config.momentum) return config.nesterov === true ? 'Δw = −lr · (g + momentum · m)' : 'Δw = −lr · m';
    if (className === 'RMSprop') return config.momentum ? 'Δw = −lr · m' : `Δw = −lr · g / ${rmspropRoot(optimizer)}`;
    if (className === 'Adagrad') return 'Δw = −lr · g / (√a + ε)';
    if (className === 'Adamax') return 'Δw = −lr / (1 − β₁ᵗ) · m / u';
  }
  switch (className) {
    case 'SGD':
      if (!config.momentum) return 'Δw = −lr · g';
      return config.nesterov === true ? 'Δw = momentum · m − lr · g' : 'Δw = m';
    case 'Adam':
    case 'AdamW':
      return `Δw = −lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√${config.amsgrad === true ? 'v̂' : 'v'} + ε)`;
    case 'Adamax':
      return 'Δw = −lr / (1 − β₁ᵗ) · m / (u + ε)';
    case 'Nadam':
      return 'Δw = −lr · m̂ / (√v̂ + ε)';
    case 'RMSprop':
      return config.momentum ? 'Δw = −m' : `Δw = −lr · g / ${rmspropRoot(optimizer)}`;
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
