import { frameKey } from '../../src/common/frame';
import { histogram, maxAbs, statistics } from '../../src/common/stats';
import { LineChart } from '../charts/lineChart';
import { gather, tileOffsets } from '../kernels/kernelMeasures';
import type { PanelContext } from '../panel/context';
import { initializerText, startDensity } from '../run/initializerText';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatSigned } from '../ui/format';

const BINS = 48;
const REFRESH_MS = 300;
/** More weights than this are not marked one by one. */
const MAX_MARKS = 49;

/** The layer's weights now and as they were drawn, against the initialiser's own density; the kernel's own values are marked. */
export class DistributionPart {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'Distribution' } });
  private readonly text = element('p', { class: 'explain' });
  private readonly chart = new LineChart({
    height: 112,
    series: [
      { label: 'now', color: '--ks-training', width: 1.5, isStepped: true, fillOpacity: 0.25 },
      { label: 'at the start', color: '--ks-text-quiet', width: 1.25, isStepped: true },
      { label: 'initialiser', color: '--ks-validation', width: 1.5, dash: [5, 3] },
    ],
  });
  private readonly figure;
  private drawnAt = 0;
  private key = '';

  constructor(private readonly context: PanelContext) {
    const legend = (text: string, name: string) => element('span', { class: `metric-value ${name}`, text });
    this.figure = element(
      'figure',
      { class: 'chart' },
      element(
        'figcaption',
        { class: 'chart-caption' },
        legend('now', 'training'),
        legend('at step 0', 'start'),
        legend('initialiser’s density', 'validation'),
        legend('this kernel', 'own'),
      ),
      this.chart.root,
    );
    this.root.append(element('h3', { class: 'part-title', text: 'Distribution' }), this.text, this.figure);
  }

  draw(view: WeightView, filter: number): void {
    const { run, layer, weight, theme } = this.context;
    const frame = run.shown;
    if (!layer || !weight || !frame) return;
    const key = [run.generation, layer.name, weight.name, filter, theme, run.isPast ? frame.step : 'live'].join(' ');
    if (key === this.key && performance.now() - this.drawnAt < REFRESH_MS) return;
    this.key = key;
    this.drawnAt = performance.now();
    const name = frameKey('weight', layer.name, weight.name);
    const now = frame.tensors.get(name)?.values;
    const start = run.first?.tensors.get(name)?.values;
    setHidden(this.root, !now || now.length < 8);
    if (!now || now.length < 8) return;
    const reach = niceCeiling(Math.max(maxAbs(now), start ? maxAbs(start) : 0)) || 1;
    const width = (2 * reach) / BINS;
    const xs = Array.from({ length: BINS + 1 }, (_, i) => -reach + i * width);
    const counts = (values: Float32Array | undefined) =>
      values ? [...histogram(values, BINS, -reach, reach).counts, null] : xs.map(() => null);
    const law = startDensity(weight);
    const expected = xs.map((x) => (law ? law.density(x + width / 2) * width * now.length : null));
    this.chart.setData([xs, counts(now), counts(start), expected]);
    const own = gather(now, tileOffsets(view, filter));
    this.chart.setMarks(own.length <= MAX_MARKS ? [...own].map((x) => ({ x, color: '--ks-past', dash: [2, 2] })) : []);
    const [s, s0] = [statistics(now), start ? statistics(start) : null];
    const from = s0 ? ` (drawn: ${formatNumber(s0.std, 3)})` : '';
    const rule = law ? ` ${law.substituted}.` : '';
    const text = `All ${formatCount(now.length)} values of ${layer.name}/${weight.name}: mean ${formatSigned(s.mean, 2)}, standard deviation ${formatNumber(s.std, 3)}${from}. They started as ${initializerText(weight)}.${rule}`;
    setText(this.text, text);
    this.chart.setSummary(text);
  }
}
