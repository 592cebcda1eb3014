import { frameKey, type Frame } from '../../src/common/frame';
import type { LayerInfo, OptimizerSpec, WeightSpec } from '../../src/common/modelSpec';
import { explainStep, type StepExplanation, type StepLine, type StepNumbers } from '../../src/insight/optimizerStep';
import { ASSUMED_OPTIMIZER } from '../../src/insight/optimizerRules';
import { stepFromFrame } from '../../src/insight/stepFromFrame';
import { plugNumbersIn } from '../../src/insight/plugNumbersIn';
import { tileOffsets } from '../kernels/kernelMeasures';
import type { PanelContext } from '../panel/context';
import type { WeightView } from '../run/layerView';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { tilePages } from './tileSlice';

/** What the optimiser's state is, in words. */
const LABELS: Record<string, string> = {
  m: 'm, running mean of gradients',
  v: 'v, running mean of squares',
  vhat: 'v̂, largest v so far',
  u: 'u, running maximum',
  velocity: 'v, running mean of squares',
  average_gradient: 'ḡ, running mean of gradients',
  momentum: 'm, momentum',
  accumulator: 'a, sum of squares',
  accumulated_grad: 'running mean of squared gradients',
  accumulated_delta_var: 'running mean of squared steps',
};

/** One weight's last step: the optimiser's rule, line by line, with the numbers of this very step. */
export class StepPart {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'One weight’s last step' } });
  private readonly title = element('h3', { class: 'part-title' });
  private readonly sum = element('p', { class: 'step-sum' });
  private readonly lines = element('div', { class: 'step-lines' });
  private readonly verdict = element('p', { class: 'explain' });
  private drawnKey = '';

  constructor(private readonly context: PanelContext) {
    this.root.append(this.title, this.sum, this.lines, this.verdict);
  }

  draw(view: WeightView, filter: number): void {
    const { run, layer, weight, intent } = this.context;
    const frame = run.shown;
    if (!layer || !weight || !frame) return;
    const offsets = tileOffsets(view, filter);
    const place = Math.min(intent.place, offsets.length - 1);
    const key = [run.generation, layer.name, weight.name, view.unfolded, filter, place, frame.step, frame.tensors.size].join(' ');
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    const where = tilePages(view, offsets.length).nameOf(place);
    setText(this.title, `One weight’s step: ${where}`);
    const offset = offsets[place];
    const optimizer = (run.model?.optimizer ?? ASSUMED_OPTIMIZER) as OptimizerSpec;
    try {
      const numbers = stepFromFrame(frame, optimizer, run.model?.layers ?? [], { layer, weight, offset });
      if (typeof numbers === 'string') return this.showPlain(frame, layer, weight, offset, numbers);
      this.showStep(optimizer, frame.learningRate, numbers, explainStep(optimizer, frame.learningRate, numbers));
    } catch (error) {
      this.showPlain(frame, layer, weight, offset, (error as Error).message);
    }
  }

  private showStep(optimizer: OptimizerSpec, learningRate: number, numbers: StepNumbers, { lines, predicted }: StepExplanation): void {
    const { before, after } = numbers;
    setText(this.sum, sumText(before, after));
    const filled = plugNumbersIn(optimizer, learningRate, numbers, lines);
    replaceChildren(
      this.lines,
      lineOf({ label: 'weight before', formula: 'w', value: before }, null),
      ...lines.map((line, i) => lineOf(line, filled[i])),
    );
    const rule = `${optimizer.className}, step t = ${numbers.step}, lr = ${formatNumber(learningRate, 6)}${constants(optimizer)}.`;
    const check =
      Math.fround(predicted) === Math.fround(after)
        ? ' The result is exactly the number the frame holds.'
        : isConstrained(this.context)
          ? ` Then the layer’s constraint on its weights made it ${formatSigned(after, 8)}.`
          : ` The frame holds ${formatSigned(after, 8)}; the rule alone gives ${formatSigned(predicted, 8)}.`;
    setText(this.verdict, rule + check);
  }

  /** Without the optimiser's state there still are the numbers themselves. */
  private showPlain(frame: Frame, layer: LayerInfo, weight: WeightSpec, offset: number, reason: string): void {
    const value = (field: 'weight' | 'update') => frame.tensors.get(frameKey(field, layer.name, weight.name))?.values[offset];
    const [after, update] = [value('weight'), value('update')];
    setText(this.sum, after !== undefined && update !== undefined ? sumText(after - update, after) : '');
    replaceChildren(this.lines);
    setText(this.verdict, reason);
  }
}

/** What is computed, by which formula, with which numbers, and what comes out. */
function lineOf({ label, formula, value }: StepLine, filled: string | null): HTMLElement {
  return element(
    'div',
    { class: 'step-line' },
    element('span', { class: 'step-label', text: LABELS[label] ?? label }),
    element('span', { class: 'step-value', text: formatSigned(value, 7) }),
    element('code', { class: 'step-formula', text: formula }),
    filled !== null && element('code', { class: 'step-filled', text: `= ${filled}` }),
  );
}

function sumText(before: number, after: number): string {
  const update = after - before;
  return `${formatNumber(before, 6)} ${update < 0 ? '−' : '+'} ${formatNumber(Math.abs(update), 4)} = ${formatNumber(after, 6)}`;
}

/** Whether something else than the optimiser changes the weight after the step, a norm's limit say. */
function isConstrained({ layer, weight }: PanelContext): boolean {
  return layer !== null && weight !== null && Boolean(layer.config[`${weight.name}_constraint`]);
}

/** The optimiser's constants in the letters that the formulas use. */
function constants({ config }: OptimizerSpec): string {
  const names: [string, string][] = [
    ['beta_1', 'β₁'],
    ['beta_2', 'β₂'],
    ['rho', 'ρ'],
    ['momentum', 'momentum'],
    ['epsilon', 'ε'],
    ['weight_decay', 'decay'],
  ];
  return names
    .filter(([key]) => typeof config[key] === 'number' && config[key] !== 0)
    .map(([key, letter]) => `, ${letter} = ${formatNumber(config[key] as number, 6)}`)
    .join('');
}
