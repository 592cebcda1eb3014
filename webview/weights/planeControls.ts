import { axisNames } from '../../src/common/kernelAxes';
import type { Reduction } from '../../src/common/planeReduction';
import type { WeightTensor } from '../../src/common/weightFile';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { axisLayout } from './tensorText';
import type { PlaneChoice, WeightsContext } from './weightsContext';

/** Which axes run down and across, where the others stand, and how large it is drawn. */
export class PlaneControls {
  readonly root = element('div', { class: 'control-row quiet' });
  private readonly axes = element('span', { class: 'axis-fields' });
  private readonly reduce = element(
    'select',
    { class: 'plain-choice' },
    element('option', { text: 'largest value', attributes: { value: 'largest' } }),
    element('option', { text: 'mean', attributes: { value: 'mean' } }),
  );
  private readonly overview = element(
    'label',
    { class: 'field', title: 'What a pixel shows where it stands for several values', attributes: { hidden: true } },
    element('span', { class: 'field-label', text: 'Overview' }),
    this.reduce,
  );
  private readonly clip = element('input', { attributes: { type: 'checkbox' } });
  private key = '';
  private choice: PlaneChoice | null = null;
  private sliders: { axis: number; slider: HTMLInputElement; output: HTMLElement }[] = [];

  constructor(
    private readonly context: WeightsContext,
    actions: { onZoom(by: number): void },
  ) {
    this.reduce.addEventListener('change', () => context.change({ reduce: this.reduce.value as Reduction }));
    this.clip.addEventListener('change', () => context.change({ isClipped: this.clip.checked }));
    const zoom = (text: string, label: string, by: number) =>
      element('button', {
        class: 'zoom',
        text,
        title: label,
        attributes: { type: 'button', 'aria-label': label },
        on: { click: () => actions.onZoom(by) },
      });
    this.root.append(
      this.axes,
      element('div', { class: 'zoom-pair' }, zoom('−', 'Smaller', -1), zoom('+', 'Larger', 1), zoom('fit', 'What fits', 0)),
      element(
        'label',
        {
          class: 'field',
          title: 'End the colours where about 99.5 % of the values lie, so that a few large ones do not make the rest pale',
        },
        this.clip,
        'Clip outliers',
      ),
      this.overview,
    );
  }

  /** Whether pixels stand for several values, of which one can choose what to see. */
  setOverview(isReduced: boolean): void {
    setHidden(this.overview, !isReduced);
    this.reduce.value = this.context.intent.reduce;
  }

  set(tensor: WeightTensor, choice: PlaneChoice): void {
    this.clip.checked = this.context.intent.isClipped;
    const names = axisNames(tensor.shape.length, axisLayout(tensor, this.context.intent.layouts[tensor.name]));
    this.choice = choice;
    const key = JSON.stringify([tensor.name, names, choice.rowAxis, choice.columnAxis]);
    if (key !== this.key) {
      this.key = key;
      this.build(tensor, names, choice);
    }
    for (const { axis, slider, output } of this.sliders) {
      if (Number(slider.value) !== choice.at[axis]) slider.value = String(choice.at[axis]);
      setText(output, `${choice.at[axis]} of 0 … ${tensor.shape[axis] - 1}`);
    }
  }

  private build(tensor: WeightTensor, names: string[], choice: PlaneChoice): void {
    const hadFocus = this.axes.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.field : null;
    const set = (part: Partial<PlaneChoice>): void =>
      this.context.change({ planes: { ...this.context.intent.planes, [tensor.name]: { ...(this.choice ?? choice), ...part } } });
    const label = (k: number): string => `${names[k]} (${tensor.shape[k]})`;
    const axisField = (title: string, field: 'rowAxis' | 'columnAxis', other: 'rowAxis' | 'columnAxis') => {
      const list = element(
        'select',
        { class: 'plain-choice', attributes: { 'aria-label': title, 'data-field': field } },
        ...names.map((_, k) => element('option', { text: label(k), attributes: { value: k, selected: k === choice[field] } })),
      );
      list.addEventListener('change', () => {
        const axis = Number(list.value);
        // The axis that the other one had changes places with it.
        set(axis === choice[other] ? { [field]: axis, [other]: choice[field] } : { [field]: axis });
      });
      return element('label', { class: 'field' }, element('span', { class: 'field-label', text: title }), list);
    };
    this.sliders = tensor.shape.flatMap((n, axis) => {
      if (axis === choice.rowAxis || axis === choice.columnAxis || n === 1) return [];
      const slider = element('input', {
        attributes: { type: 'range', min: 0, max: n - 1, value: choice.at[axis], 'aria-label': names[axis], 'data-field': `at${axis}` },
      });
      slider.addEventListener('input', () =>
        set({ at: (this.choice ?? choice).at.map((i, k) => (k === axis ? Number(slider.value) : i)) }),
      );
      return [{ axis, slider, output: element('output') }];
    });
    const sliders = this.sliders.map(({ axis, slider, output }) =>
      element('label', { class: 'field' }, element('span', { class: 'field-label', text: names[axis] }), slider, output),
    );
    replaceChildren(this.axes, axisField('Down', 'rowAxis', 'columnAxis'), axisField('Across', 'columnAxis', 'rowAxis'), ...sliders);
    setHidden(this.axes, tensor.shape.length < 2);
    if (hadFocus) this.axes.querySelector<HTMLElement>(`[data-field="${hadFocus}"]`)?.focus();
  }
}
