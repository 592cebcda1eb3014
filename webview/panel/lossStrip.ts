import { MetricSeries, metricNames } from '../charts/metricSeries';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatNumber } from '../ui/format';
import { themeColor } from '../ui/theme';
import { hasAny, type PanelContext, type Reason, type Section } from './context';
import { formatMetric, metricLabel } from './progressText';

/** The loss so far in a strip of the run bar, and how often the network is right, always in sight; a press goes to the charts. */
export class LossStrip implements Section {
  readonly root = element('button', {
    class: 'loss-strip',
    attributes: { type: 'button', title: 'On the images it learns from, smoothed as in the charts; go to the charts' },
  });
  private readonly canvas = element('canvas', { class: 'loss-strip-curve', attributes: { 'aria-hidden': 'true' } });
  private readonly value = element('span', { class: 'loss-strip-value' });
  private readonly accuracy = element('span', { class: 'loss-strip-accuracy' });
  private series = new MetricSeries('loss', 0);
  private right: MetricSeries | null = null;

  /** @param onPress shows the charts. */
  constructor(onPress: () => void) {
    this.root.append(this.canvas, this.value, this.accuracy);
    this.root.addEventListener('click', onPress);
  }

  draw({ run, intent }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'metrics', 'intent', 'theme', 'size')) return;
    const { steps, epochs } = run.metrics;
    // A new or rewound run begins anew.
    if (reasons.has('run') || steps.length < this.series.xs.length) {
      this.series = new MetricSeries('loss', intent.smoothing);
      this.right = null;
    }
    if (!this.right) {
      // Of masks mostly the background is right: what they have in common with the predictions says more.
      const names = metricNames(steps, epochs);
      const name = names.find((n) => n === 'mean_io_u') ?? names.find((n) => /acc/i.test(n));
      this.right = name === undefined ? null : new MetricSeries(name, intent.smoothing);
    }
    for (const series of [this.series, this.right]) {
      series?.follow(steps, epochs);
      series?.setSmoothing(intent.smoothing);
    }
    const now = this.series.smooth.at(-1) ?? null;
    setHidden(this.root, this.series.xs.length === 0);
    if (now === null) return;
    // A fixed number of digits: the strip keeps its width while they change.
    setText(this.value, `loss ${now >= 1e-3 && now < 1e4 ? now.toFixed(3) : formatNumber(now, 3)}`);
    const right = this.right?.smooth.at(-1) ?? null;
    const rightText = this.right && right !== null ? `${metricLabel(this.right.name)} ${formatMetric(this.right.name, right)}` : '';
    setText(this.accuracy, rightText);
    setHidden(this.accuracy, rightText === '');
    const first = this.series.smooth.find((v) => v !== null) ?? now;
    const spoken = `Training loss from ${formatNumber(first, 3)} to ${formatNumber(now, 3)}${rightText && `, training ${rightText}`}`;
    setAttribute(this.root, 'aria-label', `${spoken}; go to the charts`);
    this.paint();
  }

  private paint(): void {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (width === 0 || height === 0) return;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const { xs, smooth } = this.series;
    const last = xs[xs.length - 1];
    const highest = smooth.reduce<number>((m, v) => Math.max(m, v ?? 0), 0) || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.strokeStyle = themeColor('--ks-grid');
    context.lineWidth = 1;
    context.strokeRect(0.5, height - 0.5, width, 0);
    context.strokeStyle = themeColor('--ks-training');
    context.lineWidth = 1.5;
    context.beginPath();
    // From zero to the highest loss; no more points than pixels.
    const stride = Math.max(1, Math.floor(xs.length / (2 * width)));
    let isDown = false;
    for (let i = 0; i < xs.length; i += i + stride < xs.length ? stride : Math.max(1, xs.length - 1 - i)) {
      const v = smooth[i];
      if (v === null) continue;
      const x = last > 0 ? (xs[i] / last) * width : 0;
      const y = height - 1.5 - (v / highest) * (height - 3);
      if (isDown) context.lineTo(x, y);
      else context.moveTo(x, y);
      isDown = true;
      if (i === xs.length - 1) break;
    }
    context.stroke();
  }
}
