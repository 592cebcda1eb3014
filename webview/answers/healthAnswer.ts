import { frameKey, type Frame } from '../../src/common/frame';
import type { LayerInfo } from '../../src/common/modelSpec';
import { statistics } from '../../src/common/stats';
import type { PanelContext } from '../panel/context';
import { layerHealth } from '../panel/layerHealth';
import { difference, mainWeight } from '../run/fields';
import { healthFindings, type LayerState } from '../run/healthFindings';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatNumber, formatPlural } from '../ui/format';
import { AnswerCard } from './answerCard';

const REFRESH_MS = 1000;

/** Is the training healthy? One table for the whole network, and what is worth knowing in it. */
export class HealthAnswer {
  readonly card: AnswerCard;
  private readonly findings = element('ul', { class: 'finding-list' });
  private readonly table = element('table', { class: 'answer-table' });
  private readonly note = element('p', { class: 'hint' });
  private drawnAt = -Infinity;
  private key = '';

  constructor(
    private readonly context: PanelContext,
    onToggle: (id: string, isOpen: boolean) => void,
  ) {
    this.card = new AnswerCard('health', 'Is the training healthy?', onToggle);
    this.card.body.append(this.findings, this.table, this.note);
  }

  draw(): void {
    const { run } = this.context;
    const frame = run.shown;
    setHidden(this.card.root, !run.model || !frame || frame.step === 0);
    if (!run.model || !frame || frame.step === 0) return;
    const isMoving = run.status?.phase === 'running' && !run.isPast;
    const key = [run.generation, this.card.root.open, isMoving ? 'moving' : frame.step].join(' ');
    if (key === this.key && performance.now() - this.drawnAt < REFRESH_MS) return;
    this.key = key;
    this.drawnAt = performance.now();
    const states = run.model.layers.filter((l) => l.params > 0).map((l) => stateOf(l, frame, run.first));
    const findings = healthFindings(states);
    const ratios = states.flatMap((s) => (s.updateRatio === null || !s.isTrainable ? [] : [s.updateRatio * 100]));
    const range =
      ratios.length > 0
        ? ` A step changes weights by ${formatNumber(Math.min(...ratios), 2)} to ${formatNumber(Math.max(...ratios), 2)} %.`
        : '';
    this.card.setShort(
      findings.length === 0
        ? `Nothing unusual.${range}`
        : `${formatPlural(findings.length, 'thing')} to look at: ${findings[0].layer} ${findings[0].what}`,
    );
    if (!this.card.root.open) return;
    setHidden(this.findings, findings.length === 0);
    replaceChildren(
      this.findings,
      ...findings.map((f) => element('li', {}, this.link(f.layer), ` ${f.what} `, element('span', { class: 'advice', text: f.advice }))),
    );
    const cell = (value: number | null, text: (v: number) => string) => element('td', { text: value === null ? '–' : text(value) });
    replaceChildren(
      this.table,
      element(
        'tr',
        {},
        ...['layer', 'changed per step', 'gradient norm', 'moved since start', 'without gradient'].map((text) =>
          element('th', { text, attributes: { scope: 'col' } }),
        ),
      ),
      ...states.map((s) =>
        element(
          'tr',
          {},
          element('th', { attributes: { scope: 'row' } }, this.link(s.name)),
          cell(s.updateRatio, (v) => `${formatNumber(v * 100, 2)} %`),
          cell(s.gradientNorm, (v) => formatNumber(v, 2)),
          cell(s.moved, (v) => `${formatNumber(v * 100, 2)} %`),
          cell(s.silent, (v) => `${v} of ${s.tiles}`),
        ),
      ),
    );
    setText(
      this.note,
      `Of each layer’s kernel at step ${frame.step}, as shares of its size: mean |change| ÷ mean |weight| for a step, distance from the start ÷ length at the start for the whole run.`,
    );
  }

  private link(layer: string): HTMLElement {
    const onClick = () => {
      this.context.change({ layer, open: null, place: 0 });
      void this.context.perform('selectLayer', { layer });
    };
    return element('button', { class: 'link', text: layer, attributes: { type: 'button' }, on: { click: onClick } });
  }
}

function stateOf(layer: LayerInfo, frame: Frame, first: Frame | null): LayerState {
  const weight = mainWeight(layer);
  const name = weight?.name ?? '';
  const of = (from: Frame | null, field: 'weight' | 'gradient') => from?.tensors.get(frameKey(field, layer.name, name))?.values;
  const [now, start, gradient] = [of(frame, 'weight'), of(first, 'weight'), of(frame, 'gradient')];
  const startNorm = start ? statistics(start).norm : 0;
  return {
    name: layer.name,
    isTrainable: layer.trainableParams > 0,
    ...layerHealth(frame, layer),
    gradientNorm: gradient ? statistics(gradient).norm : null,
    moved: now && start && startNorm > 0 ? statistics(difference(now, start)).norm / startNorm : null,
    tiles:
      weight && weight.shape.length >= 2
        ? weight.shape[weight.shape.length - 1] * (name === 'depthwise_kernel' ? weight.shape[weight.shape.length - 2] : 1)
        : 1,
    notFinite: now ? statistics(now).notFinite : 0,
  };
}
