import { frameKey } from '../../src/common/frame';
import { statistics } from '../../src/common/stats';
import { DistributionChart } from '../charts/distributionChart';
import { gather, tileOffsets } from '../kernels/kernelMeasures';
import type { PanelContext } from '../panel/context';
import { initializerText, startDensity } from '../run/initializerText';
import type { WeightView } from '../run/layerView';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatSigned } from '../ui/format';

const REFRESH_MS = 300;
/** The layer's weights now and as they were drawn, against the initialiser's own density; the kernel's own values are marked. */
export class DistributionPart {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'Distribution' } });
  private readonly text = element('p', { class: 'explain' });
  private readonly chart = new DistributionChart('this kernel');
  private drawnAt = 0;
  private key = '';

  constructor(private readonly context: PanelContext) {
    this.root.append(element('h3', { class: 'part-title', text: 'Distribution' }), this.text, this.chart.root);
  }

  draw(view: WeightView, filter: number): void {
    const { run, layer, weight, theme } = this.context;
    const frame = run.shown;
    if (!layer || !weight || !frame) return;
    const isMoving = run.status?.phase === 'running' && !run.isPast;
    const key = [run.generation, layer.name, weight.name, filter, theme, isMoving ? 'live' : frame.step].join(' ');
    if (key === this.key && performance.now() - this.drawnAt < REFRESH_MS) return;
    this.key = key;
    this.drawnAt = performance.now();
    const name = frameKey('weight', layer.name, weight.name);
    const now = frame.tensors.get(name)?.values;
    const start = run.first?.tensors.get(name)?.values;
    setHidden(this.root, !now || now.length < 8);
    if (!now || now.length < 8) return;
    const law = startDensity(weight);
    const [s, s0] = [statistics(now), start ? statistics(start) : null];
    const from = s0 ? ` (drawn: ${formatNumber(s0.std, 3)})` : '';
    const rule = law ? ` ${law.substituted}.` : '';
    const text = `All ${formatCount(now.length)} values of ${layer.name}/${weight.name}: mean ${formatSigned(s.mean, 2)}, standard deviation ${formatNumber(s.std, 3)}${from}. They started as ${initializerText(weight)}.${rule}`;
    setText(this.text, text);
    this.chart.draw(weight, now, start, gather(now, tileOffsets(view, filter)), text);
  }
}
