import type { OptimizerSpec } from '../common/modelSpec';
import { weightDecayOf } from './optimizerRules';
import type { StepLine, StepNumbers } from './optimizerStep';

/** Longest first, so that β₁ᵗ is not read as β₁ and E[g²] not as g². */
const SYMBOLS = /E\[Δ²\]|E\[g²\]|momentum|decay|max|lr|β₁ᵗ|β₂ᵗ|β₁|β₂|v̂|m̂|ḡ|λ₁|λ₂|Δw|Δ²|g²|[A-Za-zα-ωΔ](?:′)?/g;

/** The symbol that a slot has in the formulas of optimizerStep.ts. */
const SLOT_SYMBOLS: Record<string, string> = {
  velocity: 'v',
  average_gradient: 'ḡ',
  momentum: 'm',
  accumulator: 'a',
  accumulated_grad: 'E[g²]',
  accumulated_delta_var: 'E[Δ²]',
  vhat: 'v̂',
};

/**
 * The right side of every line's formula with this step's numbers in the place of its symbols, rounded for reading; null for a line
 * whose formula has a symbol that is not known here, or stands for no arithmetic (the gradient's definition).
 */
export function plugNumbersIn(
  optimizer: OptimizerSpec,
  learningRate: number,
  numbers: StepNumbers,
  lines: readonly StepLine[],
): (string | null)[] {
  const { config, className } = optimizer;
  const known = new Map<string, number>([
    ['w', numbers.before],
    ['g', numbers.gradient],
    ['lr', learningRate],
  ]);
  const constants: [string, string][] = [
    ['β₁', 'beta_1'],
    ['β₂', 'beta_2'],
    ['ρ', 'rho'],
    ['ε', 'epsilon'],
    ['momentum', 'momentum'],
  ];
  for (const [symbol, key] of constants) if (typeof config[key] === 'number') known.set(symbol, config[key]);
  known.set('decay', weightDecayOf(optimizer));
  for (const [slot, value] of Object.entries(numbers.stateBefore)) known.set(SLOT_SYMBOLS[slot] ?? slot, value);
  const update = lines.find((l) => l.label === 'update')?.value;
  if (update !== undefined) {
    known.set('Δw', update);
    known.set('Δ', update / learningRate);
  }
  return lines.map((line) => {
    if (line.formula.includes('∂')) return null;
    // Words and other weights' numbers stand for themselves.
    if (/^(clipped gradient|μ′?|P)$/.test(line.label)) {
      known.set(line.label === 'clipped gradient' ? 'g' : line.label, line.value);
      return null;
    }
    const text = filledIn(line.formula, known, numbers.step);
    // What was computed stands for its symbol from here on; Adadelta's update uses E[Δ²] as it was before.
    const symbol = SLOT_SYMBOLS[line.label] ?? line.label;
    if (symbol in numbers.stateBefore || line.label in SLOT_SYMBOLS) {
      if (!(className === 'Adadelta' && line.label === 'accumulated_delta_var')) known.set(symbol, line.value);
    } else if (line.label === 'weight decay') known.set('w', line.value);
    else if (/^[mv]̂$/.test(line.label)) known.set(line.label, line.value);
    return text;
  });
}

function filledIn(formula: string, known: ReadonlyMap<string, number>, step: number): string | null {
  const right = formula.split(/[←=]/).slice(1).join('').trim();
  let isWhole = right !== '';
  const text = right.replace(SYMBOLS, (symbol, at: number) => {
    const power = /^β[₁₂]ᵗ$/.test(symbol) ? superscript(step) : /^[gΔ]²$/.test(symbol) ? '²' : '';
    const value = known.get(power ? symbol.slice(0, -1) : symbol);
    if (symbol === 'max') return symbol;
    if (value === undefined) isWhole = false;
    const number = readable(value ?? NaN);
    const isInside = right[at - 1] === '|';
    return (number.startsWith('−') && (at > 0 || power) && !isInside ? `(${number})` : number) + power;
  });
  return isWhole ? text.replace(/^−\(−(.*?)\)/, '−(−$1)') : null;
}

function readable(value: number): string {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? size.toExponential(3) : String(Number(size.toPrecision(4)));
  return (
    (value < 0 ? '−' : '') +
    text
      .replace(/\.?0*e/, 'e')
      .replace('e-', 'e−')
      .replace('e+', 'e')
  );
}

function superscript(n: number): string {
  return String(n).replace(/\d/g, (d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]);
}
