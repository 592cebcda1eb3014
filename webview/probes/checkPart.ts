import type { DifferenceCheck, WeightPlace } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { ProbePart } from '../sight/probePart';
import { stepWords } from '../sight/stepWords';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';

/** The gradient against centred finite differences: two ways to the same number. */
export class CheckPart {
  private readonly verdict = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly part: ProbePart<DifferenceCheck>;

  constructor(context: PanelContext, place: () => WeightPlace) {
    this.part = new ProbePart(
      context,
      {
        id: 'check',
        question: 'Is this gradient right?',
        hint: 'Check it without any calculus: move the weight a little and look at the loss.',
        button: 'Check it',
        ask: (signal, at) => context.run.channel.call('checkGradient', { ...place(), ...at }, signal),
        show: (result) => this.show(result),
      },
      this.verdict,
      this.table,
      element('p', {
        class: 'hint',
        text: 'The row in bold is the least uncertain one, chosen without a look at the gradient. Large h suffer from the curve’s bend and from the kinks of relu and max-pooling, small ones from the rounding of the loss.',
      }),
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
  }

  private show({ about, gradient, trials, chosen, uncertainty }: DifferenceCheck): void {
    const { h, difference, relativeError } = trials[chosen];
    setText(
      this.verdict,
      `Of ${stepWords(about)}, backpropagation says ${formatSigned(gradient, 6)}. Moving the weight by ±${formatNumber(h, 2)} changes the loss as if it were ${formatSigned(difference, 6)}: a relative error of ${formatNumber(relativeError, 2)}. ${verdictWords(relativeError, uncertainty)}`,
    );
    const row = (tag: 'th' | 'td', cells: string[], isChosen = false) =>
      element('tr', { class: isChosen ? 'chosen' : '' }, ...cells.map((text) => element(tag, { text })));
    replaceChildren(
      this.table,
      row('th', ['h', '(L(w + h) − L(w − h)) / 2h', 'relative error']),
      ...trials.map((t, i) =>
        row('td', [formatNumber(t.h, 2), formatSigned(t.difference, 6), formatNumber(t.relativeError, 2)], i === chosen),
      ),
    );
  }
}

/** The usual reading (cs231n): below 1e−4 fine, below 1e−2 fine for losses with kinks; unless the differences are less certain themselves. */
function verdictWords(error: number, uncertainty: number): string {
  if (error < 1e-4) return 'They agree as well as float32 allows.';
  if (error < 1e-2) return 'They agree, as float32 and kinks go.';
  const percent = `${formatNumber(100 * uncertainty, 2)} %`;
  if (error <= 2 * uncertainty)
    return `No contradiction: the differences themselves are only good to about ${percent} here, because of kinks and rounding.`;
  return `That is further apart than kinks and rounding (about ${percent}) usually explain.`;
}
