import type { KernelStory } from '../../src/insight/kernelStory';
import { LineChart, type ChartSeries } from '../charts/lineChart';
import { element, replaceChildren, setHidden } from '../ui/dom';
import { formatCount, formatNumber } from '../ui/format';

type Curve = Exclude<keyof KernelStory, 'moments'>;

interface StoryChart {
  chart: LineChart;
  curves: Curve[];
  root: HTMLElement;
}

/** A kernel's life in curves, with the moments that stand out marked in each and listed: each leads to its step. */
export class StoryPart {
  readonly charts: HTMLElement[];
  readonly moments = element('ol', { class: 'moments', attributes: { 'aria-label': 'Moments that stand out' } });
  private readonly all: StoryChart[];
  private marks: { x: number; color: string; dash: number[] }[] = [];
  private shown: number | null = null;
  private drawnMoments = '';

  constructor(private readonly goToStep: (step: number) => void) {
    this.all = [
      this.chartOf('length', [
        ['norms', 'length (L2 norm)', 'training'],
        ['distances', 'distance from the start', 'validation'],
      ]),
      this.chartOf('direction', [['cosines', 'cosine to what was drawn: 1 the same pattern, 0 nothing in common', 'own']]),
      this.chartOf('gradient', [['gradientNorms', 'length of its gradient, batch by batch', 'training']]),
      this.chartOf('ratio', [['updateRatios', 'change per step ÷ size of its weights (about 10⁻³ is usual)', 'validation']]),
    ];
    for (const { chart } of this.all.slice(3)) chart.setLogarithmic(true);
    this.charts = this.all.map((c) => c.root);
  }

  show(steps: readonly number[], story: KernelStory): void {
    for (const { chart, curves, root } of this.all) {
      const data = curves.map((c) => story[c].map((v) => (v !== null && (c !== 'updateRatios' || v > 0) ? v : null)));
      const hasData = data.some((d) => d.filter((v) => v !== null).length > 1);
      setHidden(root, !hasData);
      if (!hasData) continue;
      chart.setData([[...steps], ...data]);
      const ends = data
        .map((d) => d.filter((v) => v !== null))
        .map((d) => `from ${formatNumber(d[0])} to ${formatNumber(d[d.length - 1])}`);
      chart.setSummary(`${root.innerText.trim()}: ${ends.join('; ')}.`);
    }
    this.marks = story.moments.map((m) => ({ x: m.step, color: '--ks-text-quiet', dash: [2, 3] }));
    this.drawMarks();
    const key = JSON.stringify(story.moments);
    setHidden(this.moments, story.moments.length === 0);
    if (key === this.drawnMoments) return;
    this.drawnMoments = key;
    replaceChildren(
      this.moments,
      ...story.moments.map(({ step, text }) =>
        element(
          'li',
          {},
          element('button', {
            class: 'link',
            text: `step ${formatCount(step)}`,
            attributes: { type: 'button' },
            on: { click: () => this.goToStep(step) },
          }),
          ` ${text}`,
        ),
      ),
    );
  }

  /** @param step the earlier one that is looked at; null: the newest */
  setShown(step: number | null): void {
    this.shown = step;
    this.drawMarks();
  }

  private drawMarks(): void {
    const marks = this.shown === null ? this.marks : [...this.marks, { x: this.shown, color: '--ks-past', dash: [] }];
    for (const { chart } of this.all) chart.setMarks(marks);
  }

  private chartOf(name: string, lines: [Curve, string, 'training' | 'validation' | 'own'][]): StoryChart {
    const colors = { training: '--ks-training', validation: '--ks-validation', own: '--ks-past' };
    const series = lines.map(([, label, kind], i): ChartSeries => ({
      label,
      color: colors[kind],
      width: 2,
      dash: i > 0 ? [6, 3] : undefined,
    }));
    const chart = new LineChart({ height: 84, isCounted: true, onPick: (x) => this.goToStep(x), series });
    const caption = lines.map(([, label, kind]) => element('span', { class: `metric-value ${kind}`, text: label }));
    const root = element(
      'figure',
      { class: 'chart', attributes: { 'data-story': name } },
      element('figcaption', { class: 'chart-caption' }, ...caption),
      chart.root,
    );
    return { chart, curves: lines.map(([curve]) => curve), root };
  }
}
