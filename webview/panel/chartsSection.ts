import { LineChart } from '../charts/lineChart';
import { MetricSeries, metricNames } from '../charts/metricSeries';
import { chartsPng } from '../export/chartsPng';
import { textBytes } from '../export/textBytes';
import { metricsCsv } from '../export/metricsCsv';
import { toggle } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { formatNumber } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';
import { formatMetric, isShare, metricLabel } from './progressText';

interface MetricChart {
  name: string;
  root: HTMLElement;
  training: HTMLElement;
  validation: HTMLElement;
  at: HTMLElement;
  chart: LineChart;
  series: MetricSeries;
}

const SYNC_KEY = 'metrics';

/** Loss and metrics over the steps, training and validation, one chart each. A click goes to that step's stored frame. */
export class ChartsSection implements Section {
  readonly root = element('section', { class: 'charts', attributes: { 'aria-label': 'Loss and metrics' } });
  private readonly list = element('div', { class: 'chart-list' });
  private readonly empty = element('p', { class: 'empty-text', text: 'The curves begin with the first batch.' });
  private readonly smoothing = element('input', {
    attributes: { type: 'range', min: 0, max: 0.98, step: 0.02, 'aria-label': 'Smoothing of the training curves' },
  });
  private readonly isLog;
  private readonly saving = element('div', { class: 'export-row', attributes: { role: 'group', 'aria-label': 'Save the curves' } });
  private charts: MetricChart[] = [];
  private generation = -1;
  private cursor: number | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly goToStep: (step: number) => void,
  ) {
    this.smoothing.addEventListener('input', () => context.change({ smoothing: Number(this.smoothing.value) }));
    const save = (text: string, hint: string, onClick: () => void) =>
      element('button', { class: 'link', text, title: hint, attributes: { type: 'button', 'aria-label': hint }, on: { click: onClick } });
    this.saving.append(
      element('span', { class: 'field-label', text: 'Save' }),
      save('PNG', 'Save the curves as a picture', () => void this.savePicture()),
      save('CSV', 'Save the metrics of every step as a table', () => {
        void context.perform('saveFile', { name: 'metrics.csv', bytes: textBytes(metricsCsv(context.run.metrics)) });
      }),
    );
    this.isLog = toggle('Log scale', 'Logarithmic scale for the loss', (isLogLoss) => context.change({ isLogLoss }));
    this.root.append(
      element(
        'div',
        { class: 'chart-controls' },
        element('h2', { class: 'section-title', text: 'Loss and metrics' }),
        this.saving,
        element('label', { class: 'field' }, element('span', { class: 'field-label', text: 'Smoothing' }), this.smoothing),
        this.isLog.root,
      ),
      element('p', {
        class: 'hint',
        text: 'Loss: how wrong the network is, the thing that training lowers. Solid: on the images it learns from; dashed: on images it has not seen. When the solid line falls and the dashed one rises, it learns by heart. Across: steps, one for each batch.',
      }),
      this.empty,
      this.list,
    );
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    const { run, intent } = context;
    if (!hasAny(reasons, 'run', 'metrics', 'intent', 'frame', 'theme')) return;
    const { steps, epochs } = run.metrics;
    const names = metricNames(steps, epochs);
    if (run.generation !== this.generation || names.join() !== this.charts.map((c) => c.name).join() || this.hasShrunk(steps.length)) {
      this.generation = run.generation;
      this.build(names);
    }
    setHidden(this.empty, steps.length > 0);
    setHidden(this.saving, steps.length === 0);
    this.smoothing.value = String(intent.smoothing);
    this.isLog.set(intent.isLogLoss);
    for (const c of this.charts) {
      const isNew = c.series.follow(steps, epochs);
      const before = c.series.smooth;
      c.series.setSmoothing(intent.smoothing);
      if (c.name === 'loss') c.chart.setLogarithmic(intent.isLogLoss);
      if (isNew || before !== c.series.smooth) c.chart.setData([c.series.xs, c.series.raw, c.series.smooth, c.series.validation]);
      c.chart.setMarks([
        ...epochs.slice(0, -1).map((e) => ({ x: e.step, color: '--ks-grid', dash: [2, 3] })),
        ...(run.isPast && run.shown ? [{ x: run.shown.step, color: '--ks-past', dash: [] }] : []),
      ]);
      this.updateNumbers(c);
    }
  }

  private async savePicture(): Promise<void> {
    const charts = this.charts.flatMap(({ name, chart, training, validation }) => {
      const caption = [name, training.textContent, validation.textContent].filter(Boolean).join('   ');
      return chart.canvas ? [{ caption, canvas: chart.canvas }] : [];
    });
    if (charts.length === 0) return;
    try {
      await this.context.perform('saveFile', { name: 'metrics.png', bytes: await chartsPng(charts) });
    } catch (error) {
      this.context.complain((error as Error).message);
    }
  }

  private hasShrunk(rows: number): boolean {
    return this.charts.some((c) => c.series.xs.length > rows);
  }

  private build(names: string[]): void {
    this.charts = names.map((name) => this.makeChart(name));
    this.list.replaceChildren(...this.charts.map((c) => c.root));
    this.list.dataset.count = String(this.charts.length);
  }

  private makeChart(name: string): MetricChart {
    const label = metricLabel(name);
    const training = element('span', { class: 'metric-value training' });
    const validation = element('span', { class: 'metric-value validation' });
    const at = element('span', { class: 'metric-at' });
    const chart = new LineChart({
      height: 132,
      isCounted: true,
      formatY: isShare(name) ? (v) => `${formatNumber(v * 100, 3)} %` : undefined,
      syncKey: SYNC_KEY,
      series: [
        { label: `${label}, every batch`, color: '--ks-training', width: 1, opacity: 0.35 },
        { label: `${label}, smoothed`, color: '--ks-training', width: 2 },
        { label: `validation ${label}`, color: '--ks-validation', width: 2, dash: [6, 3], hasPoints: true },
      ],
      onPick: (x) => this.goToStep(x),
      onCursor: (index) => {
        if (index === this.cursor) return;
        this.cursor = index;
        for (const c of this.charts) this.updateNumbers(c);
      },
    });
    const root = element(
      'figure',
      { class: 'chart' },
      element('figcaption', { class: 'chart-caption' }, element('span', { class: 'metric-name', text: label }), training, validation, at),
      chart.root,
    );
    return { name, root, training, validation, at, chart, series: new MetricSeries(name, this.context.intent.smoothing) };
  }

  private updateNumbers({ name, series, chart, training, validation, at }: MetricChart): void {
    const last = series.xs.length - 1;
    const index = this.cursor !== null && this.cursor <= last ? this.cursor : last;
    if (index < 0) return;
    const now = series.smooth[index];
    setText(training, now === null || now === undefined ? '–' : `training ${formatMetric(name, now)}`);
    let epoch = index;
    while (epoch >= 0 && series.validation[epoch] === null) epoch--;
    const measured = epoch >= 0 ? series.validation[epoch] : null;
    setText(validation, measured === null ? '' : `validation ${formatMetric(name, measured)}`);
    setText(at, index === last ? '' : `at step ${series.xs[index]}`);
    const first = series.raw.find((v) => v !== null);
    if (index === last && first !== undefined && first !== null && now !== null) {
      const validated = measured === null ? '' : ` Validation ${name}: ${formatMetric(name, measured)} at step ${series.xs[epoch]}.`;
      chart.setSummary(
        `Training ${name} over ${last + 1} steps: from ${formatMetric(name, first)} to ${formatMetric(name, now)} (smoothed).${validated}`,
      );
    }
  }
}
