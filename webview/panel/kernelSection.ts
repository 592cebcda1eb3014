import type { AtlasHit } from '../../src/common/atlasLayout';
import type { LayerInfo } from '../../src/common/modelSpec';
import type { ViewModel } from '../../src/common/panelProtocol';
import { ExportRow } from '../export/exportRow';
import type { ExportSubject } from '../export/exportSubject';
import { AtlasView } from '../kernels/atlasView';
import { gather, tileCount, tileNorms, tileOffsets } from '../kernels/kernelMeasures';
import { kernelOrder } from '../kernels/kernelOrder';
import { Legend } from '../kernels/legend';
import { FIELD_LABELS, fieldValues, type Field } from '../run/fields';
import { weightView, type WeightView } from '../run/layerView';
import { SteadyScale } from '../run/niceScale';
import { toggle } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatPlural, formatShape, formatSigned } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';
import { explain, explainTile } from './explain';
import { KernelControls } from './kernelControls';
import { meanAbs } from './layerHealth';
import { describeTile } from '../kernels/tileText';

const TEXT_REFRESH_MS = 500;

/** One weight of the selected layer as a picture, with its colour bar and what it means. */
export class KernelSection implements Section {
  readonly root = element('section', { class: 'kernels', attributes: { 'aria-label': 'Kernels' } });
  private readonly title = element('h2', { class: 'kernel-title' });
  private readonly subtitle = element('p', { class: 'kernel-subtitle' });
  private readonly controls: KernelControls;
  private readonly legend = new Legend();
  private readonly hold;
  private readonly beyond = element('span', { class: 'legend-beyond' });
  private readonly orderNote = element('p', { class: 'order-note', attributes: { hidden: true } });
  private readonly missing = element('p', { class: 'empty-text', attributes: { hidden: true, role: 'status' } });
  private readonly text = element('p', { class: 'explain' });
  private readonly tileText = element('p', { class: 'tile-text' });
  private readonly hint = element('p', { class: 'hint' });
  private readonly atlas: AtlasView;
  private readonly legendRow: HTMLElement;
  private readonly footRow: HTMLElement;
  private readonly scale = new SteadyScale();
  private scaleKey = '';
  private order: Uint32Array | null = null;
  private orderKey = '';
  private orderStep = 0;
  private lastText = 0;
  private values: Float32Array | null = null;
  private view: WeightView | null = null;

  constructor(private readonly context: PanelContext) {
    this.controls = new KernelControls(context);
    this.hold = toggle('Hold scale', 'Keep the colour scale as it is while the numbers change', (isOn) => {
      this.scale.held = isOn ? this.atlas.scale : null;
      context.requestDraw();
    });
    this.atlas = new AtlasView({
      tooltip: context.tooltip,
      requestDraw: context.requestDraw,
      onOpen: (filter) => this.open(filter),
      describe: (hit) => this.describe(hit),
    });
    this.legendRow = element('div', { class: 'legend-row' }, this.legend.root, this.beyond, this.hold.root);
    this.footRow = element('div', { class: 'foot-row' }, this.hint, new ExportRow(context, () => this.exportSubject()).root);
    this.root.append(
      element('div', { class: 'kernel-head' }, this.title, this.subtitle),
      this.controls.root,
      this.text,
      this.legendRow,
      this.orderNote,
      this.missing,
      this.atlas.root,
      this.tileText,
      this.footRow,
    );
  }

  /** Puts the keyboard focus onto a tile. */
  focusTile(filter: number): void {
    const item = this.order ? this.order.indexOf(filter) : filter;
    if (item >= 0) this.atlas.focusItem(item);
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'frame', 'intent', 'theme', 'size', 'status')) return;
    const { run, layer, weight, intent, theme } = context;
    setHidden(this.root, !layer);
    if (!layer || !run.model) return;
    setText(this.title, layer.name);
    setText(this.subtitle, subtitle(layer.className, layer.outputShape, layer.params, weight?.shape ?? null, weight?.name ?? ''));
    const view = weight && weightView(run.model, layer, weight, intent.isUnfolded);
    this.view = view;
    const found = weight && fieldValues(run, intent.field, layer, weight);
    this.values = found?.values ?? null;
    setHidden(this.controls.root, !weight);
    for (const part of [this.text, this.legendRow, this.atlas.root, this.tileText, this.footRow]) setHidden(part, !this.values);
    setHidden(this.missing, Boolean(this.values));
    if (view) this.controls.set(context, view);
    if (!weight || !view || !found?.values) {
      setText(this.missing, found?.missing ?? noWeightsText(layer.className, layer.name, layer.outputShape));
      setHidden(this.orderNote, true);
      return;
    }
    this.updateOrder(context, view);
    if (this.order?.length === 0) {
      setHidden(this.missing, false);
      setText(this.missing, 'No kernel fits this filter: every one got a gradient from this batch.');
    }
    const key = [run.generation, layer.name, weight.name, intent.field, intent.mode, intent.isUnfolded].join(' ');
    if (key !== this.scaleKey) {
      this.scaleKey = key;
      this.scale.reset();
      this.hold.set(false);
    }
    this.atlas.show({
      view,
      values: found.values,
      scaleFor: (largest) => this.scale.follow(largest),
      theme,
      mode: intent.mode,
      order: this.order,
      zoom: intent.zoom,
      fitHeight: Math.max(240, Math.min(460, window.innerHeight * 0.5)),
      label: `${FIELD_LABELS[intent.field]} of ${layer.name}/${weight.name}, ${formatPlural(tileCount(view), view.item)}, step ${run.shown?.step ?? 0}. Arrow keys move, Enter opens.`,
      selected: intent.open,
    });
    this.updateLegend(context, intent.field);
    setHidden(this.hint, intent.open !== null);
    setText(this.hint, `Click a ${view.item} for its numbers, its last step, and its story.`);
    const isDue = hasAny(reasons, 'run', 'intent') || run.isPast || performance.now() - this.lastText > TEXT_REFRESH_MS;
    if (isDue) this.updateText(context, view);
  }

  private exportSubject(): ExportSubject | null {
    const { context, view, values, atlas } = this;
    const { run, layer, weight, intent, theme } = context;
    if (!layer || !weight || !view || !values || !atlas.layout || !run.shown) return null;
    const { step } = run.shown;
    const columns = (Object.keys(FIELD_LABELS) as Field[]).flatMap((field) => {
      const found = fieldValues(run, field, layer, weight).values;
      return found ? [{ name: field, values: found }] : [];
    });
    return {
      title: `${layer.name}/${weight.name}: ${FIELD_LABELS[intent.field].toLowerCase()} at step ${step}`,
      subtitle: `${run.model?.name ?? ''}, ${formatPlural(tileCount(view), view.item)}, one colour scale${run.seed === null ? '' : `, seed ${run.seed}`} · Kernelscope`,
      fileName: `${layer.name}-${weight.name}-${intent.field}-step-${step}`.replace(/[^\w.-]+/g, '-'),
      view,
      layout: atlas.layout,
      values,
      scale: atlas.scale,
      theme,
      columns,
    };
  }

  private updateLegend({ theme, layer, weight }: PanelContext, field: Field): void {
    const { scale, largest, layout } = this.atlas;
    this.legend.set(scale, theme, layout?.mode === 'norm', `${field} of ${layer?.name}/${weight?.name}`);
    const isClipped = largest > scale && scale > 0;
    setText(this.beyond, isClipped ? `largest ±${formatSigned(largest, 3).slice(1)}: beyond the held scale` : '');
  }

  /** A live order would let tiles jump about; it is made when asked for, when the run stands still, and on request. */
  private updateOrder(context: PanelContext, view: WeightView): void {
    const { run, intent, layer, weight } = context;
    const step = run.shown?.step ?? 0;
    const isMoving = run.status?.phase === 'running' && !run.isPast;
    const key = [run.generation, layer?.name, weight?.name, intent.sort, intent.filter, view.unfolded, isMoving ? 'moving' : step].join(
      ' ',
    );
    const isPlain = intent.sort === 'index' && intent.filter === 'all';
    if (key !== this.orderKey) {
      this.orderKey = key;
      this.orderStep = step;
      this.order = this.makeOrder(context, view);
    }
    const hasOrder = !isPlain && (view.item === 'kernel' || view.unfolded !== null);
    setHidden(this.orderNote, !hasOrder);
    if (!hasOrder) return;
    const shown = `${this.order?.length ?? tileCount(view)} of ${tileCount(view)} shown, in the order of step ${formatCount(this.orderStep)}.`;
    const isStale = isMoving && step !== this.orderStep;
    const again = this.orderNote.querySelector('button');
    const span = this.orderNote.querySelector('span') ?? this.orderNote.appendChild(element('span'));
    setText(span, shown);
    if (isStale && !again) {
      const onClick = () => {
        this.orderKey = '';
        context.requestDraw();
      };
      this.orderNote.append(
        element('button', { class: 'link', text: 'Sort again', attributes: { type: 'button' }, on: { click: onClick } }),
      );
    } else if (!isStale) again?.remove();
  }

  private makeOrder(context: PanelContext, view: WeightView): Uint32Array | null {
    const { run, layer, weight, intent } = context;
    if (!layer || !weight || (view.item !== 'kernel' && !view.unfolded)) return null;
    if (intent.sort === 'index' && intent.filter === 'all') return null;
    const norms = (field: Field) => {
      const { values } = fieldValues(run, field, layer, weight);
      return values && tileNorms(view, values);
    };
    const measures = { norm: norms('weight'), change: norms('change'), gradient: norms('gradient') };
    return kernelOrder(tileCount(view), measures, intent.sort, intent.filter);
  }

  private updateText(context: PanelContext, view: WeightView): void {
    const { run, layer, weight, intent } = context;
    const { values } = this;
    const { layout } = this.atlas;
    const frame = run.shown;
    if (!layer || !weight || !values || !layout || !frame) return;
    this.lastText = performance.now();
    const mean = (field: Field) => {
      const found = fieldValues(run, field, layer, weight).values;
      return found && meanAbs(found);
    };
    const tiles = tileCount(view);
    const zeroTiles = intent.field === 'gradient' ? tileNorms(view, values).reduce((n, v) => n + (v === 0 ? 1 : 0), 0) : 0;
    const { loss, learningRate, step } = frame;
    const optimizer = run.model?.optimizer?.className ?? '';
    const numbers = { meanAbs: meanAbs(values), weightMeanAbs: mean('weight'), changeMeanAbs: mean('change'), zeroTiles };
    const { seed } = run;
    const loadedFrom = run.model?.loadedFrom ?? null;
    const looked = {
      layer,
      weight,
      view,
      field: intent.field,
      step,
      seed,
      loadedFrom,
      learningRate,
      loss,
      optimizer,
      tiles,
      layout,
      isOnColours: isOnColours(run.model, layer),
    };
    setText(this.text, explain({ ...looked, ...numbers }));
    const tileText = explainTile(looked);
    setText(this.tileText, tileText);
    setHidden(this.tileText, tileText === '');
  }

  private open(filter: number): void {
    const { change, intent, layer } = this.context;
    if (intent.open !== filter) change({ open: filter, place: 0 });
    if (layer) void this.context.perform('selectLayer', { layer: layer.name, filter });
  }

  private describe(hit: AtlasHit): ReturnType<typeof describeTile> {
    const { layer, weight, run, intent } = this.context;
    if (!layer || !weight || !this.view || !this.values) return { title: '', rows: [] };
    const offsets = tileOffsets(this.view, hit.filter);
    return describeTile({
      view: this.view,
      hit,
      field: intent.field,
      tile: gather(this.values, offsets),
      at: (field) => (hit.offset === null ? null : (fieldValues(run, field, layer, weight).values?.[hit.offset] ?? null)),
    });
  }
}

/** Whether a layer convolves the image itself, and the image has three channels. */
function isOnColours(model: ViewModel | null, layer: LayerInfo): boolean {
  const before = model?.layers.slice(0, model.layers.indexOf(layer)) ?? [];
  const channels = layer.weights.find((w) => w.name === 'kernel')?.shape.at(-2);
  return (
    channels === 3 &&
    /^Conv2D$/.test(layer.className) &&
    before.every((l) => l.params === 0 && !/Conv|Permute|Concatenate/.test(l.className))
  );
}

function subtitle(className: string, outputShape: (number | null)[], params: number, shape: number[] | null, weight: string): string {
  const parts = [className];
  if (shape) parts.push(`${weight} [${shape.join(', ')}]`);
  if (params) parts.push(`${formatCount(params)} parameters`);
  parts.push(`output ${formatShape(outputShape.slice(1)) || '1'}`);
  return parts.join(' · ');
}

function noWeightsText(className: string, name: string, outputShape: (number | null)[]): string {
  return `${name} (${className}) has no weights: nothing in it is learned. Its output is ${formatShape(outputShape.slice(1)) || 'one number'} per image. Choose another layer to see kernels.`;
}
