import type { WeightSpec } from '../../src/common/modelSpec';
import { histogram, maxAbs } from '../../src/common/stats';
import { startDensity } from '../run/initializerText';
import { niceCeiling } from '../run/niceScale';
import { element } from '../ui/dom';
import { LineChart } from './lineChart';

const BINS = 48;
/** More weights than this are not marked one by one. */
const MAX_MARKS = 49;

/** A weight's values now and as they were drawn, as histograms, against the initialiser's own density; a few values can be marked. */
export class DistributionChart {
  readonly root: HTMLElement;
  private readonly chart = new LineChart({
    height: 112,
    series: [
      { label: 'now', color: '--ks-training', width: 1.5, isStepped: true, fillOpacity: 0.25 },
      { label: 'at the start', color: '--ks-text-quiet', width: 1.25, isStepped: true },
      { label: 'initialiser', color: '--ks-validation', width: 1.5, dash: [5, 3] },
    ],
  });

  /** @param ownName what the marked values are called; null: none are marked */
  constructor(ownName: string | null) {
    const legend = (text: string, name: string) => element('span', { class: `metric-value ${name}`, text });
    this.root = element(
      'figure',
      { class: 'chart' },
      element(
        'figcaption',
        { class: 'chart-caption' },
        legend('now', 'training'),
        legend('at step 0', 'start'),
        legend('what the initialiser’s formula predicts', 'validation'),
        ownName !== null && legend(ownName, 'own'),
      ),
      this.chart.root,
      element('p', { class: 'axis-note', text: 'across: value of a weight; up: how many weights have it' }),
    );
  }

  draw(weight: WeightSpec, now: Float32Array, start: Float32Array | undefined, own: Float32Array, summary: string): void {
    const reach = niceCeiling(Math.max(maxAbs(now), start ? maxAbs(start) : 0)) || 1;
    const width = (2 * reach) / BINS;
    const xs = Array.from({ length: BINS + 1 }, (_, i) => -reach + i * width);
    const counts = (values: Float32Array | undefined) =>
      values ? [...histogram(values, BINS, -reach, reach).counts, null] : xs.map(() => null);
    const law = startDensity(weight);
    const expected = xs.map((x) => (law ? law.density(x + width / 2) * width * now.length : null));
    this.chart.setData([xs, counts(now), counts(start), expected]);
    this.chart.setMarks(own.length <= MAX_MARKS ? [...own].map((x) => ({ x, color: '--ks-past', dash: [2, 2] })) : []);
    this.chart.setSummary(summary);
  }
}
