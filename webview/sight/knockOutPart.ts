import type { KnockOut } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { element, setText } from '../ui/dom';
import { changeWords, drawAccuracies } from './accuracyTable';
import { ProbePart } from './probePart';

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

  private show(found: KnockOut): void {
    setText(this.sentence, `With its output set to zero (behind ${found.at}), ${changeWords(found)}`);
    drawAccuracies(this.table, found, ['with it', 'without it']);
  }
}
