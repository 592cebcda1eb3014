import type { LossSlice, WeightPlace } from '../../src/common/probeProtocol';
import { LineChart } from '../charts/lineChart';
import type { PanelContext } from '../panel/context';
import { element, setText } from '../ui/dom';
import { formatCount, formatNumber, formatSigned } from '../ui/format';
import { ProbePart } from './probePart';
import { SPLIT_WORDS, stepWords } from './stepWords';

/** The loss as a function of one weight, its tangent, and the step that was taken on it. */
export class DownhillPart {
  private readonly text = element('p');
  private readonly chart: LineChart;
  private readonly note = element('p', { class: 'hint' });
  private readonly part: ProbePart<LossSlice>;

  constructor(context: PanelContext, place: () => WeightPlace) {
    this.chart = new LineChart({
      height: 150,
      series: [
        { label: 'loss of the batch', color: '--ks-training', width: 2 },
        { label: 'loss of other images', color: '--ks-validation', width: 1.5, dash: [6, 3] },
        { label: 'tangent', color: '--ks-past', width: 1.25 },
      ],
    });
    const legend = (text: string, name: string) => element('span', { class: `metric-value ${name}`, text });
    this.part = new ProbePart(
      context,
      {
        id: 'downhill',
        question: 'Did the step really go downhill?',
        hint: 'The loss as a curve over this one weight, with the slope and the step.',
        ask: (signal) => context.run.channel.call('lossSlice', { ...place(), halfWidth: null }, signal),
        show: (result) => this.show(result),
      },
      this.text,
      element(
        'figure',
        { class: 'chart' },
        element(
          'figcaption',
          { class: 'chart-caption' },
          legend('loss of the batch', 'training'),
          legend('loss of other images', 'validation'),
          legend('slope = gradient', 'own'),
        ),
        this.chart.root,
        element('p', {
          class: 'axis-note',
          text: 'across: value of this weight, all others held; up: loss. Lines: before (dashed) and after the step.',
        }),
      ),
      this.note,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
  }

  private show({ about, value, after, gradient, weights, batch, sample }: LossSlice): void {
    const tangent = weights.map((w) => batch.here + gradient * (w - value));
    this.chart.setData([weights, batch.losses, sample.losses, tangent]);
    this.chart.setMarks([
      { x: value, color: '--ks-text-quiet', dash: [3, 3] },
      ...(after === null ? [] : [{ x: after, color: '--ks-accent', dash: [] }]),
    ]);
    const slope = `Here the curve’s slope is the gradient, ${formatSigned(gradient, 3)}: it rises to the ${gradient > 0 ? 'right' : 'left'}`;
    const moved =
      after === null
        ? '.'
        : `, and ${about.kind === 'next' ? 'the coming step moves' : 'the step moved'} the weight to the ${after > value ? 'right' : 'left'}, from ${formatNumber(value, 5)} to ${formatNumber(after, 5)}.`;
    const isUphill = after !== null && Math.sign(after - value) === Math.sign(gradient) && after !== value;
    const why = isUphill ? ' That is uphill for this batch: the optimiser still carries what earlier batches said.' : '';
    const low = lowest(weights, batch.losses);
    const scale =
      after === null || after === value
        ? ''
        : ` Of this stretch the lowest loss is at ${formatNumber(low, 4)}; a step goes only a little way, since the next batch has another curve.`;
    const text = `The loss of ${stepWords(about)} as a function of this weight alone. ${slope}${moved}${why}${scale}`;
    setText(this.text, text);
    this.chart.setSummary(text);
    setText(this.note, `Dashed: the loss of ${formatCount(sample.images)} ${SPLIT_WORDS[sample.split]}, without dropout.`);
  }
}

function lowest(weights: number[], losses: number[]): number {
  return weights[losses.reduce((best, v, i) => (v < losses[best] ? i : best), 0)];
}
