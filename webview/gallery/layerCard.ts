import type { AtlasHit } from '../../src/common/atlasLayout';
import { kernelGeometry, kernelKind } from '../../src/common/kernelGeometry';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import { AtlasView } from '../kernels/atlasView';
import { gather, tileCount, tileNorms, tileOffsets } from '../kernels/kernelMeasures';
import { kernelOrder } from '../kernels/kernelOrder';
import { Legend } from '../kernels/legend';
import { describeTile } from '../kernels/tileText';
import { FIELD_LABELS, fieldValues, type Field } from '../run/fields';
import { weightView, type WeightView } from '../run/layerView';
import { SteadyScale } from '../run/niceScale';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatPlural, formatShape } from '../ui/format';
import type { GalleryContext } from './galleryContext';

/** Kernels with more input channels show their strongest one. */
const MAX_CHANNELS = 4;
/** Pictures grow no higher than this; the rest is scrolled to. */
const FIT_HEIGHT = 168;

/** One layer of the gallery: its name, its kernels as tiles, its colour scale. */
export class LayerCard {
  readonly root: HTMLElement;
  /** Nothing is drawn while it is scrolled out of sight. */
  isInSight = true;
  private readonly legend = new Legend();
  private readonly atlas: AtlasView;
  private readonly missing = element('p', { class: 'empty-text', attributes: { hidden: true } });
  private readonly state = element('span', { class: 'card-state' });
  private readonly scale = new SteadyScale();
  private scaleKey = '';
  private order: Uint32Array | null = null;
  private orderKey = '';
  private values: Float32Array | null = null;
  private view: WeightView | null = null;

  constructor(
    private readonly context: GalleryContext,
    readonly layer: LayerInfo,
    readonly weight: WeightSpec,
  ) {
    this.atlas = new AtlasView({
      tooltip: context.tooltip,
      requestDraw: context.requestDraw,
      onOpen: (filter) => context.open(layer.name, filter),
      describe: (hit) => this.describe(hit),
    });
    const head = element(
      'button',
      {
        class: 'card-head',
        title: `${layer.className}. Click to open it in the panel.`,
        attributes: { type: 'button' },
        on: { click: () => context.open(layer.name, null) },
      },
      element('span', { class: 'layer-name', text: layer.name }),
      element('span', { class: 'card-shape', text: this.shapeText() }),
    );
    this.root = element(
      'section',
      { class: 'layer-card', attributes: { 'data-layer': layer.name, 'aria-label': `${layer.name}, ${layer.className}` } },
      element('h2', {}, head),
      this.missing,
      this.atlas.root,
      element('div', { class: 'card-foot' }, this.legend.root, this.state),
    );
  }

  draw(): void {
    const { context, layer, weight } = this;
    const { run, intent, theme, selection } = context;
    const isSelected = selection?.layer === layer.name;
    setAttribute(this.root, 'data-selected', isSelected);
    if (!this.isInSight || !run.model) return;
    const view = (this.view = weightView(run.model, layer, weight, true));
    const { values, missing } = fieldValues(run, intent.field, layer, weight);
    this.values = values;
    for (const part of [this.atlas.root, this.legend.root, this.state]) setHidden(part, !values);
    setHidden(this.missing, values !== null);
    if (!values) return setText(this.missing, missing ?? '');
    const key = `${run.generation} ${intent.field}`;
    if (key !== this.scaleKey) {
      this.scaleKey = key;
      this.scale.reset();
    }
    this.updateOrder(view);
    this.atlas.show({
      view,
      values,
      scaleFor: (largest) => this.scale.follow(largest),
      theme,
      mode: isDeep(view) ? 'strongest' : 'channels',
      order: this.order,
      zoom: 0,
      fitHeight: FIT_HEIGHT,
      label: `${FIELD_LABELS[intent.field]} of ${layer.name}, ${formatPlural(tileCount(view), view.item)}. Arrow keys move, Enter opens in the panel.`,
      selected: isSelected ? (selection?.filter ?? null) : null,
    });
    this.legend.set(this.atlas.scale, theme, this.atlas.layout?.mode === 'norm', `${intent.field} of ${layer.name}`);
    this.updateState(view);
  }

  /** Tiles keep their places while training goes on; the order is made anew when the run stands still or something else is asked for. */
  private updateOrder(view: WeightView): void {
    const { run, intent } = this.context;
    const isMoving = run.status?.phase === 'running';
    const key = [run.generation, intent.sort, isMoving ? 'moving' : (run.shown?.step ?? 0)].join(' ');
    if (key === this.orderKey) return;
    this.orderKey = key;
    const norms = (field: Field) => {
      const { values } = fieldValues(run, field, this.layer, this.weight);
      return values && tileNorms(view, values);
    };
    const measure = intent.sort === 'index' ? null : norms(intent.sort === 'norm' ? 'weight' : intent.sort);
    const measures = { norm: null, change: null, gradient: null, [intent.sort]: measure };
    this.order = measure && kernelOrder(tileCount(view), measures, intent.sort, 'all');
  }

  private updateState(view: WeightView): void {
    const { run } = this.context;
    const gradient = fieldValues(run, 'gradient', this.layer, this.weight).values;
    const silent = gradient ? tileNorms(view, gradient).reduce((n, v) => n + (v === 0 ? 1 : 0), 0) : 0;
    const parts = [isDeep(view) && 'strongest channel', silent > 0 && `${silent} without gradient`].filter(Boolean);
    setText(this.state, parts.join(' · '));
    const idle = silent > 0 ? ` ${silent} got no gradient at all from the last batch.` : '';
    this.state.title = isDeep(view)
      ? `Of each kernel the input channel with the largest weights; the panel shows all.${idle}`
      : idle.trim();
  }

  private shapeText(): string {
    const { shape, name } = this.weight;
    const geometry = kernelGeometry(shape, kernelKind(this.layer.className, name));
    return geometry ? `${formatPlural(geometry.filters, 'kernel')}, ${formatShape([geometry.kh, geometry.kw, geometry.cin])}` : '';
  }

  private describe(hit: AtlasHit): ReturnType<typeof describeTile> {
    const { run, intent } = this.context;
    if (!this.view || !this.values) return { title: '', rows: [] };
    return describeTile({
      view: this.view,
      hit,
      field: intent.field,
      tile: gather(this.values, tileOffsets(this.view, hit.filter)),
      at: (field) => (hit.offset === null ? null : (fieldValues(run, field, this.layer, this.weight).values?.[hit.offset] ?? null)),
    });
  }
}

/** Small tiles of many channels are noise to the eye. */
function isDeep({ shape, kind }: WeightView): boolean {
  return (kernelGeometry(shape, kind)?.cin ?? 1) > MAX_CHANNELS;
}
