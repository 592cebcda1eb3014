import { axisNames, layoutLabel, layoutsOfRank } from '../../src/common/kernelAxes';
import type { WeightLayout, WeightTensor } from '../../src/common/weightFile';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';
import { bytesText, percentText, shapeText } from './tensorText';
import { relativeChange, type PairState } from './comparison';
import type { WeightsContext } from './weightsContext';

/** What the tensor is, how its axes are read and why, and in a comparison what became of it. */
export class TensorHead {
  readonly root = element('div', { class: 'tensor-head' });
  private readonly title = element('h2', { class: 'kernel-title' });
  private readonly facts = element('p', { class: 'kernel-subtitle' });
  private readonly verdict = element('p', { class: 'verdict', attributes: { role: 'status' } });
  private readonly layout = element('select', { class: 'plain-choice', attributes: { 'aria-label': 'Order of axes' } });
  private readonly layoutField: HTMLElement;
  private readonly reason = element('span', { class: 'layout-reason' });
  private key = '';

  constructor(private readonly context: WeightsContext) {
    this.layoutField = element(
      'div',
      { class: 'control-row quiet' },
      element('label', { class: 'field' }, element('span', { class: 'field-label', text: 'Axes' }), this.layout),
      this.reason,
    );
    this.layout.addEventListener('change', () => {
      const { tensor, intent } = context;
      if (!tensor) return;
      const layouts = { ...intent.layouts };
      if (this.layout.value === '') delete layouts[tensor.name];
      else layouts[tensor.name] = this.layout.value as WeightLayout | 'matrix';
      context.change({ layouts, open: null, place: 0, first: 0 });
    });
    this.root.append(this.title, this.facts, this.verdict, this.layoutField);
  }

  draw(tensor: WeightTensor): void {
    setText(this.title, tensor.name);
    const values = tensor.shape.reduce((a, b) => a * b, 1);
    const facts = [
      shapeText(tensor.shape),
      tensor.dtype,
      `${formatCount(values)} ${values === 1 ? 'value' : 'values'}`,
      bytesText(tensor.bytes),
      tensor.role === 'other' ? null : tensor.role,
      tensor.layer && !tensor.name.includes(tensor.layer) ? `of ${tensor.layer}` : null,
    ];
    setText(this.facts, facts.filter(Boolean).join(' · '));
    this.drawVerdict(tensor);
    this.drawLayout(tensor);
  }

  private drawVerdict(tensor: WeightTensor): void {
    const { data, comparison } = this.context;
    const isComparison = data.snapshot?.mode === 'compare';
    setHidden(this.verdict, !isComparison);
    if (!isComparison) return;
    const pair = comparison.pairOf(tensor.name);
    const state = comparison.stateOf(tensor.name);
    this.verdict.dataset.state = state.kind === 'difference' && state.difference.isEqual ? 'equal' : state.kind;
    const reason = pair?.reason ? ` It is ${pair.reason}.` : '';
    setText(this.verdict, verdictText(tensor, pair?.b ?? null, state, comparison.isRunning) + reason);
  }

  private drawLayout(tensor: WeightTensor): void {
    const chosen = this.context.intent.layouts[tensor.name];
    const layouts = layoutsOfRank(tensor.shape.length);
    setHidden(this.layoutField, layouts.length === 0 || tensor.unreadable !== null);
    const isMatrix = tensor.shape.length === 2;
    const key = JSON.stringify([tensor.name, tensor.layout, chosen]);
    if (key === this.key) return;
    this.key = key;
    const found = tensor.layout ? `${tensor.layout}: ${layoutLabel(tensor.layout)}` : isMatrix ? 'not known' : 'not as kernels';
    replaceChildren(
      this.layout,
      element('option', { text: `As found (${found})`, attributes: { value: '' } }),
      ...layouts.map((l) => element('option', { text: `${l}: ${layoutLabel(l)}`, attributes: { value: l } })),
      !isMatrix && element('option', { text: 'Not kernels: a heat map', attributes: { value: 'matrix' } }),
    );
    this.layout.value = chosen ?? '';
    const names = axisNames(tensor.shape.length, null).join(', ');
    setText(
      this.reason,
      chosen
        ? 'chosen by you'
        : (tensor.layoutReason ?? (isMatrix ? '' : `The file does not say what ${names} are; choose it here to see kernels.`)),
    );
  }
}

function verdictText(tensor: WeightTensor, other: WeightTensor | null, state: PairState, isRunning: boolean): string {
  switch (state.kind) {
    case 'pending':
      return isRunning ? 'Comparing …' : 'Not compared: the comparison was stopped.';
    case 'onlyA':
      return 'Only the first file has this tensor.';
    case 'onlyB':
      return 'Only the second file has this tensor.';
    case 'shape':
      return `The shapes differ: ${shapeText(tensor.shape)} in the first file, ${other ? shapeText(other.shape) : '?'} in the second.`;
    case 'failed':
      return `Not compared: ${state.message}`;
    case 'difference': {
      const { difference: d } = state;
      if (d.isEqual) return `Identical: all ${formatCount(d.count)} values are exactly the same.`;
      const cosine = d.cosine === null ? '' : `, cosine ${formatNumber(d.cosine, 6)}`;
      return `${formatCount(d.changed)} of ${formatCount(d.count)} values differ (${percentText(d.changed / d.count)}), at most by ${formatNumber(d.maxAbs, 3)}; the tensor moved by ${percentText(relativeChange(d))} of its length${cosine}.`;
    }
  }
}
