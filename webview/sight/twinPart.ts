import type { KnockOut } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { element, setHidden, setText } from '../ui/dom';
import { formatSigned } from '../ui/format';
import { changeWords, drawAccuracies } from './accuracyTable';
import { ProbePart } from './probePart';

/** The kernel that is looked at and the one most like it. */
export interface Twins {
  layer: string;
  kernel: number;
  twin: number;
  cosine: number;
  item: string;
}

/** What the network loses when a kernel becomes a copy of the one most like it. */
export class TwinPart {
  private readonly sentence = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly part: ProbePart<{ twins: Twins; found: KnockOut }>;

  constructor(
    context: PanelContext,
    private readonly twins: () => Twins | null,
  ) {
    this.part = new ProbePart(
      context,
      {
        id: 'twin',
        question: 'Could the one most like it do its work?',
        hint: 'Put the nearest other in its place and count the images that are still right.',
        button: 'Merge the two and count',
        ask: async (signal, at) => {
          const found = twins();
          if (!found) throw new Error('It is not known yet which one is most like it; try again in a moment.');
          const { layer, kernel, twin } = found;
          const params = { layer, pairs: [{ kernel, twin }], ...at };
          return { twins: found, found: await context.run.channel.call('mergeKernels', params, signal) };
        },
        show: (result) => this.show(result.twins, result.found),
      },
      this.sentence,
      this.table,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    if (this.twins() === null) return setHidden(this.root, true);
    this.part.draw(subject, '', step, isMoving);
  }

  private show({ kernel, twin, cosine, item }: Twins, found: KnockOut): void {
    const turned = cosine < 0 ? ', turned negative' : '';
    setText(
      this.sentence,
      `With the weights of ${item} ${kernel} replaced by those of ${item} ${twin}${turned} (cosine ${formatSigned(cosine, 2)}), scaled to fit best, ${changeWords(found)}`,
    );
    drawAccuracies(this.table, found, ['as it is', `${item} ${twin} in its place`]);
  }
}
