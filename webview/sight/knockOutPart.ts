import type { KnockOut } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';
import { ProbePart } from './probePart';
import { SPLIT_WORDS } from './stepWords';

/** What the network loses when a kernel's output is zeroed. */
export class KnockOutPart {
  private readonly sentence = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly part: ProbePart<KnockOut>;

  constructor(context: PanelContext, kernel: () => { layer: string; filter: number }) {
    this.part = new ProbePart(
      context,
      {
        id: 'knockout',
        question: 'Does the network need it?',
        hint: 'Take it out and count the images that are still right.',
        button: 'Take it out and count',
        ask: (signal, at) => context.run.channel.call('knockOut', { ...kernel(), ...at }, signal),
        show: (result) => this.show(result),
      },
      this.sentence,
      this.table,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
  }

  private show({ step, split, images, at, with: whole, without, lost, gained, pValue }: KnockOut): void {
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    const verdict =
      pValue >= 0.05
        ? `chance alone would often do as much (p = ${formatNumber(pValue, 2)}): no loss can be told from these images`
        : `chance alone would hardly do as much (p = ${formatNumber(pValue, 2)})`;
    setText(
      this.sentence,
      `With its output set to zero (behind ${at}), ${formatCount(lost)} images that were right turn wrong and ${formatCount(gained)} that were wrong turn right; ${verdict}.`,
    );
    const row = (tag: 'th' | 'td', ...cells: string[]) =>
      element('tr', {}, ...cells.map((text, i) => element(i === 0 ? 'th' : tag, { text })));
    replaceChildren(
      this.table,
      row('th', `${formatCount(images)} ${SPLIT_WORDS[split].split(',')[0]}, step ${formatCount(step)}`, 'right', '95 % interval', 'loss'),
      ...[
        { name: 'with it', r: whole },
        { name: 'without it', r: without },
      ].map(({ name, r }) => row('td', name, percent(r.accuracy), `${percent(r.low)} … ${percent(r.high)}`, formatNumber(r.loss, 4))),
    );
  }
}
