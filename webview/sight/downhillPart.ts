import type { AtStep, LossSlice, WeightPlace } from '../../src/common/probeProtocol';
import { LineChart } from '../charts/lineChart';
import type { PanelContext } from '../panel/context';
import { element, setText } from '../ui/dom';
import { segmented, type Segmented, type SegmentedOption } from '../ui/segmented';
import { formatCount, formatNumber, formatSigned } from '../ui/format';
import { ProbePart } from './probePart';
import { SPLIT_WORDS, stepWords } from './stepWords';

/** How much of the curve is shown. */
type Stretch = 'usual' | 'step' | 'way';
const STRETCHES: SegmentedOption<Stretch>[] = [
  { value: 'usual', label: 'Around', hint: 'About half the spread of the layer’s weights to each side' },
  { value: 'step', label: 'The step', hint: 'So near that the step can be seen' },
  { value: 'way', label: 'The way so far', hint: 'From where the weight began' },
];

/** The curve, and where the weight was at the stored steps. */
interface Downhill {
  slice: LossSlice;
  earlier: { steps: number[]; weights: number[] };
}

/** The loss as a function of one weight, its tangent, the step that was taken on it, and the places where the weight was before. */
export class DownhillPart {
  private readonly text = element('p');
  private readonly chart: LineChart;
  private readonly note = element('p', { class: 'hint' });
  private readonly stretches: Segmented<Stretch>;
  private readonly part: ProbePart<Downhill>;
  private stretch: Stretch = 'usual';
  /** Size of the last step that was looked at, by which the nearest stretch is chosen. */
  private lastStep = 0;

  constructor(
    private readonly context: PanelContext,
    private readonly place: () => WeightPlace,
  ) {
    this.chart = new LineChart({
      height: 170,
      series: [
        { label: 'loss of the batch', color: '--ks-training', width: 2 },
        { label: 'loss of other images', color: '--ks-validation', width: 1.5, dash: [6, 3] },
        { label: 'tangent', color: '--ks-past', width: 1.5, dash: [2, 3] },
        { label: 'where the weight was', color: '--ks-text-quiet', width: 0, hasPoints: true },
      ],
    });
    this.stretches = segmented('How much of the curve', STRETCHES, (stretch) => {
      this.stretch = stretch;
      context.requestDraw();
    });
    const legend = (text: string, name: string) => element('span', { class: `metric-value ${name}`, text });
    this.part = new ProbePart(
      context,
      {
        id: 'downhill',
        question: 'Did the step really go downhill?',
        hint: 'The loss as a curve over this one weight, with the slope and the step.',
        ask: (signal, at) => this.ask(signal, at),
        show: (result) => this.show(result),
      },
      this.text,
      this.stretches.root,
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
          text: 'across: value of this weight, all others held; up: how much the loss changes. Lines: before (dashed) and after the step. Dots: where the weight was at earlier steps, on this step’s curve.',
        }),
      ),
      this.note,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.stretches.set(this.stretch);
    this.part.draw(subject, this.stretch, step, isMoving);
  }

  private async ask(signal: AbortSignal, at: AtStep): Promise<Downhill> {
    const { channel } = this.context.run;
    const place = this.place();
    const earlier = await this.earlier(place, at.step ?? Infinity);
    const near = async (halfWidth: number | null) => channel.call('lossSlice', { ...place, halfWidth, ...at }, signal);
    if (this.stretch === 'usual') return { slice: await near(null), earlier };
    if (this.stretch === 'way') {
      const last = earlier.weights[earlier.weights.length - 1] ?? 0;
      const way = earlier.weights.reduce((m, w) => Math.max(m, Math.abs(w - last)), 0);
      return { slice: await near(way > 0 ? way * 1.15 : null), earlier };
    }
    return { slice: await near(this.lastStep > 0 ? 6 * this.lastStep : null), earlier };
  }

  /** The weight at the stored steps; none where the frames do not hold it. */
  private async earlier({ layer, weight, offset }: WeightPlace, until: number): Promise<Downhill['earlier']> {
    const { run, weight: spec } = this.context;
    const last = spec?.shape[spec.shape.length - 1] ?? 1;
    try {
      const { steps, values, length } = await run.channel.call('loadKernelHistory', { layer, weight, filter: offset % last });
      const all = values instanceof Float32Array ? values : new Float32Array(values);
      const known = steps.filter((s) => s <= until);
      return { steps: known, weights: known.map((_, s) => all[s * length + Math.floor(offset / last)]) };
    } catch {
      // Large layers are not in every stored frame; the curve does without.
      return { steps: [], weights: [] };
    }
  }

  private show({ slice, earlier }: Downhill): void {
    const { about, value, after, gradient, weights, batch, sample } = slice;
    this.lastStep = Math.abs((after ?? value) - value);
    this.chart.setData(chartData(slice, earlier.weights));
    this.chart.setMarks([
      { x: value, color: '--ks-text-quiet', dash: [3, 3] },
      ...(after === null ? [] : [{ x: after, color: '--ks-accent', dash: [] }]),
    ]);
    const slope = `Here the curve’s slope is the gradient, ${formatSigned(gradient, 3)}: ${gradient === 0 ? 'it is flat' : `it rises to the ${gradient > 0 ? 'right' : 'left'}`}`;
    const moved =
      after === null
        ? '.'
        : after === value
          ? `, and ${about.kind === 'next' ? 'the coming step leaves' : 'the step left'} the weight at ${formatNumber(value, 5)}.`
          : `, and ${about.kind === 'next' ? 'the coming step moves' : 'the step moved'} the weight to the ${after > value ? 'right' : 'left'}, from ${formatNumber(value, 5)} to ${formatNumber(after, 5)}.`;
    const isUphill = after !== null && Math.sign(after - value) === Math.sign(gradient) && after !== value;
    const why = isUphill ? ' That is uphill for this batch: the optimiser still carries what earlier batches said.' : '';
    const low = lowest(weights, batch.losses);
    const gain =
      after === null || after === value
        ? ''
        : ` By the slope that changes the loss of ${formatNumber(batch.here, 4)} by ${formatSigned(gradient * (after - value), 2)}: one weight does little, all together do it.`;
    const scale =
      after === null || after === value
        ? ''
        : ` Of this stretch the lowest loss is at ${formatNumber(low, 4)}; a step goes only a little way, since the next batch has another curve.`;
    const text = `The loss of ${stepWords(about)} as a function of this weight alone. ${slope}${moved}${why}${gain}${scale}`;
    setText(this.text, text);
    this.chart.setSummary(text);
    const start = earlier.weights.length > 0 ? ` The weight began at ${formatNumber(earlier.weights[0], 4)}.` : '';
    setText(
      this.note,
      `Dashed: the loss of ${formatCount(sample.images)} ${SPLIT_WORDS[sample.split]}, without dropout; it is ${formatNumber(sample.here, 4)} here.${start}`,
    );
  }
}

/** Both curves as changes from the weight's own place, so that they can be compared; the earlier places lie on the batch's curve. */
function chartData({ value, gradient, weights, batch, sample }: LossSlice, earlier: number[]): [number[], ...(number | null)[][]] {
  const [low, high] = [weights[0], weights[weights.length - 1]];
  const dots = [...new Set(earlier.filter((w) => w >= low && w <= high))];
  const x = [...new Set([...weights, ...dots])].sort((a, b) => a - b);
  const at = new Map(weights.map((w, i) => [w, i]));
  const curve = (losses: number[], here: number) => x.map((w) => (at.has(w) ? losses[at.get(w) ?? 0] - here : null));
  const isDot = new Set(dots);
  return [
    x,
    curve(batch.losses, batch.here),
    curve(sample.losses, sample.here),
    x.map((w) => gradient * (w - value)),
    x.map((w) => (isDot.has(w) ? between(weights, batch.losses, w) - batch.here : null)),
  ];
}

/** The curve between two of its points. */
function between(weights: number[], losses: number[], w: number): number {
  const i = Math.max(
    1,
    weights.findIndex((v) => v >= w),
  );
  const part = (w - weights[i - 1]) / (weights[i] - weights[i - 1]);
  return losses[i - 1] + part * (losses[i] - losses[i - 1]);
}

function lowest(weights: number[], losses: number[]): number {
  return weights[losses.reduce((best, v, i) => (v < losses[best] ? i : best), 0)];
}
