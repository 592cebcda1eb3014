import type { WeightTensor } from '../../src/common/weightFile';
import { tensorLength } from '../../src/common/weightFile';
import type { TensorSummary } from '../../src/common/weightsProtocol';
import type { FileTensor } from '../../src/common/weightsViewProtocol';
import { LineChart } from '../charts/lineChart';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatPlural, formatSigned } from '../ui/format';
import { plainButton } from '../ui/nativeControls';
import { percentText } from './tensorText';
import type { WeightsContext } from './weightsContext';
import { summaryKey } from './weightsData';

/** Statistics of more values than this are worked out only when asked for. */
const ASK_BEYOND = 1 << 27;

/** Statistics and histogram of the tensor; of both files in a comparison. */
export class SummarySection {
  readonly root = element('section', { class: 'part summary', attributes: { 'aria-label': 'Statistics' } });
  private readonly status = element('p', { class: 'empty-text', attributes: { role: 'status' } });
  private readonly bar = element('progress', { class: 'reading', attributes: { max: 1, hidden: true } });
  private readonly ask;
  private readonly stop;
  private readonly table = element('table', { class: 'statistics' });
  private readonly chart = new LineChart({
    height: 130,
    series: [
      { label: 'first', color: '--ks-training', width: 1.5, isStepped: true, fillOpacity: 0.25 },
      { label: 'second', color: '--ks-validation', width: 1.5, isStepped: true },
    ],
  });
  private readonly legend = element('p', { class: 'chart-caption' });
  private readonly figure: HTMLElement;
  private readonly asked = new Set<string>();
  private readonly stopped = new Set<string>();
  private drawn: (TensorSummary | null)[] = [];

  constructor(private readonly context: WeightsContext) {
    this.ask = plainButton({
      label: 'Compute statistics',
      kind: 'secondary',
      onPress: () => {
        for (const key of this.refs().map(summaryKey)) {
          this.asked.add(key);
          this.stopped.delete(key);
        }
        context.requestDraw();
      },
    });
    this.stop = plainButton({
      label: 'Stop reading',
      kind: 'secondary',
      onPress: () => {
        for (const ref of this.refs()) {
          this.stopped.add(summaryKey(ref));
          context.data.cancelSummary(ref);
        }
        context.requestDraw();
      },
    });
    this.figure = element(
      'figure',
      { class: 'chart' },
      this.legend,
      this.chart.root,
      element('p', { class: 'axis-note', text: 'across: value; up: how many have it' }),
    );
    this.root.append(
      element('h3', { class: 'section-title', text: 'Statistics' }),
      this.status,
      this.bar,
      this.stop,
      this.ask,
      this.table,
      this.figure,
    );
  }

  draw(tensor: WeightTensor): void {
    const { data } = this.context;
    const refs = this.refs();
    const isReadable = tensor.unreadable === null && tensorLength(tensor) > 0;
    const isLarge = tensorLength(tensor) > ASK_BEYOND;
    const mustAsk = isReadable && refs.map(summaryKey).some((key) => this.stopped.has(key) || (isLarge && !this.asked.has(key)));
    setHidden(this.root, !isReadable);
    setHidden(this.ask, !mustAsk);
    if (mustAsk || !isReadable) {
      setHidden(this.status, false);
      setText(this.status, `This tensor has ${formatCount(tensorLength(tensor))} values; all of them have to be read for this.`);
      this.clear();
      return;
    }
    const found = refs.map((ref) => data.summary(ref));
    const failure = found.find((f) => f.state === 'failed');
    const isLoading = found.some((f) => f.state === 'loading');
    const progress = refs.map((r) => data.progress.get(summaryKey(r))).find(Boolean);
    for (const part of [this.bar, this.stop]) setHidden(part, !isLoading || !progress);
    if (progress) this.bar.value = progress.done / progress.total;
    setHidden(this.status, !failure && !(isLoading && progress));
    setText(
      this.status,
      failure?.state === 'failed' ? failure.message : progress ? `Reading … ${Math.round((100 * progress.done) / progress.total)} %` : '',
    );
    this.status.dataset.state = failure ? 'failed' : 'loading';
    const summaries = found.map((f) => (f.state === 'ready' ? f.value : null));
    if (summaries.every((s, i) => s === this.drawn[i]) && summaries.length === this.drawn.length) return;
    // While a film moves on, the numbers before stay until the next are there.
    if (summaries.some((s) => s === null) && data.snapshot?.mode === 'film' && !failure) return;
    this.drawn = summaries;
    this.show(summaries);
  }

  private refs(): FileTensor[] {
    const { data, comparison, intent, tensor } = this.context;
    if (!tensor) return [];
    if (data.snapshot?.mode !== 'compare') return [{ file: intent.file, tensor: tensor.name }];
    const pair = comparison.pairOf(tensor.name);
    return [pair?.a && { file: 0, tensor: pair.a.name }, pair?.b && { file: 1, tensor: pair.b.name }].filter((r) => !!r);
  }

  private clear(): void {
    this.drawn = [];
    replaceChildren(this.table);
    for (const part of [this.figure, this.bar, this.stop]) setHidden(part, true);
  }

  private show(summaries: (TensorSummary | null)[]): void {
    const known = summaries.filter((s) => s !== null);
    const rows: [string, (s: TensorSummary) => string, string?][] = [
      ['values', (s) => formatCount(s.count + s.nan + s.infinite)],
      ['min', (s) => formatSigned(s.min, 5)],
      ['max', (s) => formatSigned(s.max, 5)],
      ['mean', (s) => formatSigned(s.mean, 4)],
      ['std', (s) => formatNumber(s.std, 4), 'standard deviation'],
      ['L2 norm', (s) => formatNumber(s.norm, 4)],
      ['zeros', (s) => (s.zeros === 0 ? '0' : `${formatCount(s.zeros)} (${percentText(s.zeros / (s.count + s.nan + s.infinite))})`)],
      ['NaN', (s) => formatCount(s.nan)],
      ['infinite', (s) => formatCount(s.infinite)],
    ];
    const head =
      summaries.length > 1 && element('tr', {}, element('th'), element('th', { text: 'first' }), element('th', { text: 'second' }));
    replaceChildren(
      this.table,
      head,
      ...rows.map(([label, text, hint]) =>
        element(
          'tr',
          {
            class:
              (label === 'NaN' || label === 'infinite') && known.some((s) => (label === 'NaN' ? s.nan : s.infinite) > 0) ? 'alarming' : '',
          },
          element('th', { text: label, title: hint, attributes: { scope: 'row' } }),
          ...summaries.map((s) => element('td', { text: s ? text(s) : '…' })),
        ),
      ),
    );
    const isShown = known.length > 0 && known.some((s) => s.count > 1);
    setHidden(this.figure, !isShown);
    if (!isShown) return;
    replaceChildren(
      this.legend,
      ...(summaries.length > 1
        ? [
            element('span', { class: 'metric-value training', text: 'first' }),
            element('span', { class: 'metric-value validation', text: 'second' }),
          ]
        : ['How the values are distributed']),
    );
    this.drawChart(summaries);
  }

  private drawChart(summaries: (TensorSummary | null)[]): void {
    const [first, second] = summaries.map((s) => s && { ...s, histogram: coarser(s) });
    const xs = new Set<number>();
    const edges = (s: TensorSummary | null | undefined): number[] => {
      if (!s || s.count === 0) return [];
      const { low, high, counts } = s.histogram;
      return Array.from({ length: counts.length + 1 }, (_, i) => low + ((high - low) * i) / counts.length);
    };
    for (const x of [...edges(first), ...edges(second)]) xs.add(x);
    const all = [...xs].sort((a, b) => a - b);
    const heights = (s: TensorSummary | null | undefined): (number | null)[] => {
      if (!s || s.count === 0) return all.map(() => null);
      const { low, high, counts } = s.histogram;
      return all.map((x) =>
        x < low || x > high
          ? null
          : (counts[Math.min(counts.length - 1, Math.floor(((x - low) / (high - low)) * counts.length + 1e-9))] ?? 0),
      );
    };
    this.chart.setData([all, heights(first), heights(second)]);
    const text = (s: TensorSummary | null): string =>
      s
        ? `${formatPlural(s.count, 'value')} from ${formatSigned(s.min, 3)} to ${formatSigned(s.max, 3)}, mean ${formatSigned(s.mean, 3)}`
        : '';
    this.chart.setSummary(`Histogram: ${summaries.map(text).join('; ')}`);
  }
}

/** A few values in many bins are noise: neighbours are put together. */
function coarser({ histogram, count }: TensorSummary): TensorSummary['histogram'] {
  const merge = count < 500 ? 4 : count < 5000 ? 2 : 1;
  const counts = Array.from({ length: histogram.counts.length / merge }, (_, i) =>
    histogram.counts.slice(i * merge, (i + 1) * merge).reduce((a, b) => a + b, 0),
  );
  return { ...histogram, counts };
}
