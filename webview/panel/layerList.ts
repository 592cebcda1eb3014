import type { LayerInfo } from '../../src/common/modelSpec';
import { drawSparkline } from '../charts/sparkline';
import { element, setAttribute, setText } from '../ui/dom';
import { formatCount, formatNumber, formatShape } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';
import { layerHealth } from './layerHealth';

const HISTORY = 48;
/** Ratios and curves are looked at, not watched: a few times a second is enough. */
const REFRESH_MS = 250;

interface Row {
  layer: LayerInfo;
  root: HTMLElement;
  state: HTMLElement;
  silent: HTMLElement;
  spark: HTMLCanvasElement;
  ratios: number[];
}

/** The model's layers in order: name, class, shape, parameters, and how strongly each is being changed. */
export class LayerList implements Section {
  readonly root = element('nav', { class: 'layers', attributes: { 'aria-label': 'Layers' } });
  private readonly list = element('div', { class: 'layer-rows', attributes: { role: 'listbox', 'aria-label': 'Layers of the model' } });
  private rows: Row[] = [];
  private built = '';
  private generation = -1;
  private lastRefresh = 0;
  private isDue = false;
  private lastStep = -1;

  constructor(private readonly context: PanelContext) {
    this.root.append(element('h2', { class: 'section-title', text: 'Layers' }), this.list);
    this.list.addEventListener('keydown', (e) => this.didPress(e));
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    const { run } = context;
    if (reasons.has('run')) this.build(run.model?.layers ?? []);
    if (run.generation !== this.generation) {
      this.generation = run.generation;
      for (const row of this.rows) row.ratios = [];
      this.lastStep = -1;
      this.lastRefresh = 0;
    }
    if (hasAny(reasons, 'run', 'intent')) this.markSelected();
    if (hasAny(reasons, 'run', 'frame', 'theme')) this.refreshSoon();
  }

  private build(layers: LayerInfo[]): void {
    const key = JSON.stringify(layers.map((l) => [l.name, l.className, l.outputShape, l.params]));
    if (key === this.built) return;
    this.built = key;
    this.rows = layers.map((layer) => {
      const state = element('span', { class: 'layer-state' });
      const silent = element('span', { class: 'layer-silent' });
      const spark = element('canvas', { class: 'layer-spark', attributes: { 'aria-hidden': 'true' } });
      const shape = formatShape(layer.outputShape.slice(1)) || '1';
      const root = element(
        'div',
        {
          class: `layer-row${layer.params === 0 ? ' no-weights' : ''}`,
          attributes: { role: 'option', 'data-layer': layer.name, tabindex: -1 },
          on: { click: () => this.select(layer.name) },
        },
        element('span', { class: 'layer-name', text: layer.name }),
        element('span', { class: 'layer-shape' }, element('span', { class: 'layer-class', text: `${layer.className} · ` }), shape),
        layer.params > 0 && element('span', { class: 'layer-shape' }, `${formatCount(layer.params)} parameters`, silent),
        layer.params > 0 && element('span', { class: 'layer-health' }, spark, state),
      );
      return { layer, root, state, silent, spark, ratios: [] };
    });
    this.list.replaceChildren(...this.rows.map((r) => r.root));
  }

  private markSelected(): void {
    const selected = this.context.intent.layer;
    for (const row of this.rows) {
      const isSelected = row.layer.name === selected;
      setAttribute(row.root, 'aria-selected', String(isSelected));
      if (isSelected) this.scrollTo(row.root);
      row.root.tabIndex = isSelected || (selected === null && row === this.rows[0]) ? 0 : -1;
    }
  }

  /** In a list that scrolls, the selected row is to be seen whole; the page itself does not move. */
  private scrollTo(row: HTMLElement): void {
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    if (scrollHeight <= clientHeight) return;
    const top = row.offsetTop - this.list.offsetTop;
    if (top < scrollTop) this.list.scrollTop = top - 4;
    else if (top + row.offsetHeight > scrollTop + clientHeight) this.list.scrollTop = top + row.offsetHeight - clientHeight + 4;
  }

  private refreshSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    const wait = Math.max(0, this.lastRefresh + REFRESH_MS - performance.now());
    setTimeout(() => {
      this.isDue = false;
      this.lastRefresh = performance.now();
      this.refresh();
    }, wait);
  }

  private refresh(): void {
    const frame = this.context.run.shown;
    if (!frame) return;
    const isNew = frame.step !== this.lastStep && !this.context.run.isPast;
    this.lastStep = frame.step;
    for (const row of this.rows) {
      if (row.layer.params === 0) continue;
      const { updateRatio, silent } = layerHealth(frame, row.layer);
      if (isNew && updateRatio !== null) {
        row.ratios.push(updateRatio);
        if (row.ratios.length > HISTORY) row.ratios.shift();
      }
      setText(row.state, stateText(row.layer, updateRatio, frame.step));
      setText(row.silent, silent ? ` · ${silent} silent` : '');
      row.root.title = updateRatio === null ? '' : ratioHint(updateRatio, silent);
      drawSparkline(row.spark, row.ratios, HISTORY);
    }
  }

  private select(layer: string): void {
    this.context.change({ layer, open: null, place: 0 });
    void this.context.perform('selectLayer', { layer });
  }

  private didPress(event: KeyboardEvent): void {
    const at = this.rows.findIndex((r) => r.root === document.activeElement);
    const last = this.rows.length - 1;
    const moves: Partial<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: last,
    };
    const target = moves[event.key];
    if (target === undefined || at < 0) return;
    event.preventDefault();
    const row = this.rows[Math.max(0, Math.min(last, target))];
    this.select(row.layer.name);
    row.root.focus();
  }
}

function stateText(layer: LayerInfo, updateRatio: number | null, step: number): string {
  if (layer.trainableParams === 0) return 'frozen';
  if (updateRatio !== null) return `moves ${formatNumber(updateRatio * 100, 2)} % a step`;
  return step === 0 ? 'at its start' : '';
}

function ratioHint(ratio: number, silent: number | null): string {
  const text = `Update to weight ratio: this step changed a weight by ${formatNumber(ratio * 100, 2)} % of its size on average; about 0.1 % is usual. The curve is this ratio over the last frames, on a logarithmic scale.`;
  return silent ? `${text} ${silent} of its kernels or units got no gradient at all from this batch.` : text;
}
