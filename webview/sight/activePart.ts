import type { ActiveShare } from '../../src/common/probeProtocol';
import { LineChart } from '../charts/lineChart';
import type { PanelContext } from '../panel/context';
import { element, setText } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';
import { ProbePart } from './probePart';
import { SPLIT_WORDS } from './stepWords';

/** Steps at which outputs are counted: each takes a forward pass. */
const STEPS = 14;

/** How often a kernel answers at all, through the run: what becomes of it when it dies. */
export class ActivePart {
  private readonly text = element('p');
  private readonly chart = new LineChart({
    height: 96,
    isCounted: true,
    series: [{ label: 'share of outputs above 0', color: '--ks-accent', width: 2, hasPoints: true }],
  });
  private readonly part: ProbePart<ActiveShare>;

  constructor(context: PanelContext, kernel: () => { layer: string; filter: number }) {
    this.part = new ProbePart(
      context,
      {
        id: 'active',
        question: 'How often does it answer? Is it dying?',
        hint: 'The share of images and places with an output above 0, from the start to now.',
        button: 'Count its answers',
        ask: (signal, at) => {
          const steps = spread(context.run.storedSteps.filter((s) => s <= (at.step ?? Infinity)));
          return context.run.channel.call('activeShare', { ...kernel(), steps }, signal);
        },
        show: (result) => this.show(result),
      },
      this.text,
      element(
        'figure',
        { class: 'chart' },
        element('figcaption', { class: 'chart-caption', text: 'share of images and places with an output above 0' }),
        this.chart.root,
      ),
    );
    this.chart.setRange([0, 1]);
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
  }

  private show({ images, split, at, steps, shares }: ActiveShare): void {
    const known = steps.flatMap((step, i) => (shares[i] === null ? [] : [{ step, share: shares[i] }]));
    const [first, last] = [known[0], known[known.length - 1]];
    const percent = (share: number) => `${formatNumber(share * 100, 2)} %`;
    const words = first ? verdict(known.map((k) => k.share)) : 'None of the stored frames holds the weights that this needs.';
    const change = first
      ? ` At step ${formatCount(first.step)} it answered in ${percent(first.share)} of them, at step ${formatCount(last.step)} in ${percent(last.share)}.`
      : '';
    const text = `${words}${change} Counted behind ${at} on ${formatCount(images)} ${SPLIT_WORDS[split]}, at ${formatCount(known.length)} stored steps.`;
    setText(this.text, text);
    this.chart.setData([known.map((k) => k.step), known.map((k) => k.share)]);
    this.chart.setSummary(text);
  }
}

function verdict(shares: number[]): string {
  const last = shares[shares.length - 1];
  if (last === 0)
    return shares.some((s) => s > 0)
      ? 'It has died: it answers 0 to every image and place looked at, so behind a relu no gradient changes it any more.'
      : 'It never answers: 0 at every image and place looked at, from the start.';
  if (last === 1) return 'It answers everywhere: behind a relu it is a linear filter now.';
  return last < 0.02 ? 'It hardly ever answers: it is close to dying, or very choosy.' : 'It is alive.';
}

/** First, last, and as many in between as there are to be. */
export function spread(steps: number[]): number[] {
  if (steps.length <= STEPS) return steps;
  return [...new Set(Array.from({ length: STEPS }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (STEPS - 1))]))];
}
