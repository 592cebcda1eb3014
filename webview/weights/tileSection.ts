import type { AtlasHit } from '../../src/common/atlasLayout';
import type { WeightTensor } from '../../src/common/weightFile';
import { statistics } from '../../src/common/stats';
import { AtlasView } from '../kernels/atlasView';
import { fitLayout } from '../kernels/fitPixels';
import { gather, tileCount, tileNorms, tileOffsets } from '../kernels/kernelMeasures';
import { Legend } from '../kernels/legend';
import type { TooltipText } from '../kernels/tooltip';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatPlural, formatSigned } from '../ui/format';
import { TileControls } from './tileControls';
import { TileFields, type TileField } from './tileFields';
import { storedIndex, type Display } from './tensorText';
import type { WeightsContext } from './weightsContext';
import type { Tiles } from './weightsData';

/** Zoom steps that pictures may get larger by themselves. */
const MAX_ROOM = 4;

export type TileDisplay = Display & { kind: 'kernels' | 'vector' };

interface Column {
  root: HTMLElement;
  caption: HTMLElement;
  status: HTMLElement;
  atlas: AtlasView;
  legend: Legend;
  field: TileField | null;
  /** What is drawn: the newest that has arrived. */
  shown: Tiles | null;
}

/** Kernels and vectors as tiles: one picture, or two files and their difference beside each other in the same order. */
export class TileSection {
  readonly root = element('div', { class: 'tile-section kernels' });
  readonly fields: TileFields;
  private readonly controls: TileControls;
  private readonly columns: Column[] = [];
  private readonly grid = element('div', { class: 'tile-columns' });
  private readonly orderNote = element('p', { class: 'order-note' });
  private order: Uint32Array | null = null;
  private orderKey: unknown[] = [];
  private tensor: WeightTensor | null = null;
  private display: TileDisplay | null = null;
  private subject = '';
  private readonly rooms = new Map<string, number>();

  constructor(private readonly context: WeightsContext) {
    this.fields = new TileFields(context);
    this.controls = new TileControls(context);
    this.root.append(this.controls.root, this.orderNote, this.grid);
  }

  /** What is on screen now: the inspector shows the same numbers. */
  get pictures(): { field: TileField; tiles: Tiles }[] {
    return this.columns.flatMap((c) => (c.field && c.shown && !c.root.hidden ? [{ field: c.field, tiles: c.shown }] : []));
  }

  /** How the tiles shown are to be read. */
  viewOf(tiles: Tiles): WeightView {
    const item = tiles.shape.length === 4 ? 'kernel' : 'value';
    return { shape: tiles.shape, kind: 'conv', item, unfolded: null };
  }

  focusTile(filter: number): void {
    const item = this.order ? this.order.indexOf(filter) : filter;
    if (item >= 0) this.columns[0]?.atlas.focusItem(item);
  }

  draw(tensor: WeightTensor, display: TileDisplay): void {
    this.tensor = tensor;
    this.display = display;
    const fields = this.fields.of(tensor, display);
    const subject = JSON.stringify([tensor.name, display, this.context.intent.first]);
    const isOther = subject !== this.subject;
    this.subject = subject;
    while (this.columns.length < fields.length) this.addColumn();
    this.columns.forEach((column, i) => {
      const field = fields[i] ?? null;
      const isSameKind = field !== null && column.field?.key === field.key && !isOther;
      column.field = field;
      setHidden(column.root, field === null);
      // A film keeps the picture before until the next has been read.
      if (field?.tiles.state === 'ready') column.shown = field.tiles.value;
      else if (!isSameKind || field?.tiles.state === 'failed') column.shown = null;
    });
    const shown = this.columns.filter((c) => c.shown && !c.root.hidden);
    const main = shown[0]?.shown ?? null;
    this.controls.set(main, fields.some((f) => f.key === 'difference') && shown.length === 3);
    this.updateOrder(shown);
    this.grid.dataset.columns = String(fields.length);
    this.drawPictures(shown);
    for (const column of this.columns) this.drawStatus(column, fields.length > 1 || this.context.data.snapshot?.mode === 'film');
  }

  private addColumn(): void {
    const atlas = new AtlasView({
      tooltip: this.context.tooltip,
      requestDraw: () => this.context.requestDraw(),
      onOpen: (filter) => this.context.change({ open: filter }),
      describe: (hit) => this.describe(hit),
    });
    const column: Column = {
      atlas,
      legend: new Legend(),
      root: element('figure', { class: 'tile-column' }),
      caption: element('figcaption', { class: 'column-caption' }),
      status: element('p', { class: 'empty-text', attributes: { role: 'status' } }),
      field: null,
      shown: null,
    };
    column.root.append(column.caption, column.legend.root, column.status, atlas.root);
    this.columns.push(column);
    this.grid.append(column.root);
  }

  private drawPictures(shown: Column[]): void {
    const { intent, theme } = this.context;
    // Files share a scale, so that their pictures can be compared; a difference has its own.
    const scales = new Map<boolean, number>();
    const largest = new Map<boolean, number>();
    const fitHeight = Math.max(240, Math.min(560, window.innerHeight * (shown.length > 1 ? 0.5 : 0.6)));
    const show = (column: Column, scaleFor: (largest: number) => number): void => {
      const tiles = column.shown as Tiles;
      const view = this.viewOf(tiles);
      column.atlas.show({
        view,
        values: tiles.values,
        scaleFor,
        theme,
        mode: view.item === 'kernel' ? intent.mode : 'auto',
        order: this.order,
        zoom: intent.zoom + this.room(column, view, fitHeight),
        fitHeight,
        label: `${column.field?.label ?? ''}: ${formatPlural(tileCount(view), view.item)} of ${this.tensor?.name ?? ''}. Arrow keys move, Enter opens.`,
        selected: intent.open,
      });
    };
    for (const column of shown) {
      const isDifference = column.field?.isDifference ?? false;
      setHidden(column.atlas.root, false);
      show(column, (l) => {
        largest.set(isDifference, Math.max(largest.get(isDifference) ?? 0, l));
        const clip = intent.isClipped ? clippedScale(column.shown as Tiles) : Infinity;
        const scale = Math.max(scales.get(isDifference) ?? 0, niceCeiling(Math.min(l, clip)));
        scales.set(isDifference, scale);
        return scale;
      });
    }
    for (const column of shown) {
      const isDifference = column.field?.isDifference ?? false;
      const scale = scales.get(isDifference) ?? 0;
      if (column.atlas.scale !== scale) show(column, () => scale);
      column.legend.set(scale, theme, column.atlas.layout?.mode === 'norm', column.field?.label ?? '');
    }
  }

  /** Steps by which tiles can be larger than in the narrower panel and still all be in sight. */
  private room({ root }: Column, view: WeightView, height: number): number {
    if (view.item !== 'kernel') return 0;
    const width = root.clientWidth - 6;
    const key = JSON.stringify([view.shape, this.context.intent.mode, width, height]);
    const known = this.rooms.get(key);
    if (known !== undefined) return known;
    const request = { view, mode: this.context.intent.mode, order: null, width, height, ratio: 1 };
    let zoom = MAX_ROOM;
    while (zoom > 0) {
      const layout = fitLayout({ ...request, zoom });
      if (layout.height <= height && layout.width <= width && layout.rectsOf(0)[0].width <= width / 4) break;
      zoom--;
    }
    this.rooms.set(key, zoom);
    return zoom;
  }

  private drawStatus(column: Column, hasCaption: boolean): void {
    const { field, shown } = column;
    setHidden(column.caption, !hasCaption);
    setText(column.caption, field?.label ?? '');
    column.caption.title = field?.label ?? '';
    setHidden(column.atlas.root, !shown);
    setHidden(column.legend.root, !shown || column.atlas.scale === 0);
    setHidden(column.status, shown !== null);
    if (shown || !field) return;
    const progress = this.context.data.progress.get(`tiles ${this.tensor?.name ?? ''}`);
    const share = progress ? ` ${Math.round((100 * progress.done) / progress.total)} %` : '';
    setText(column.status, field.tiles.state === 'failed' ? field.tiles.message : `Reading …${share}`);
    column.status.dataset.state = field.tiles.state;
  }

  private updateOrder(shown: Column[]): void {
    const { sort } = this.context.intent;
    const tiles = shown[0]?.shown;
    const by = sort === 'change' ? shown.find((c) => c.field?.isDifference)?.shown : tiles;
    const key = [sort, by?.values];
    if (key.every((k, i) => k === this.orderKey[i])) return;
    this.orderKey = key;
    const isSorted = sort !== 'index' && by !== undefined && by !== null && by.shape.length === 4;
    this.order = null;
    if (isSorted) {
      const norms = tileNorms(this.viewOf(by), by.values);
      this.order = Uint32Array.from(norms.keys()).sort((a, b) => norms[b] - norms[a] || a - b);
    }
    const note = sort === 'change' ? 'Kernels that changed most come first.' : 'Kernels with the largest L2 norm come first.';
    setHidden(this.orderNote, !isSorted);
    setText(this.orderNote, note);
  }

  private describe(hit: AtlasHit): TooltipText {
    const pictures = this.pictures;
    const { tensor, display } = this;
    const main = pictures[0]?.tiles;
    if (!main || !tensor || !display) return { title: '', rows: [] };
    const view = this.viewOf(main);
    const filter = main.first + hit.filter;
    const labels = pictures.length > 1 ? ['first', 'second', 'difference'] : [pictures[0].field.isDifference ? 'change' : 'value'];
    if (display.kind === 'vector') {
      const rows = pictures.map(({ tiles }, i): [string, string] => [labels[i], formatSigned(tiles.values[hit.offset ?? 0], 6)]);
      return { title: `value ${formatCount(filter)}`, rows };
    }
    const rows: [string, string][] = [];
    const { y, x, channel, offset } = hit;
    if (offset !== null) pictures.forEach(({ tiles }, i) => rows.push([labels[i], formatSigned(tiles.values[offset], 6)]));
    const tile = statistics(gather(main.values, tileOffsets(view, hit.filter)));
    rows.push(['L2 norm', formatNumber(tile.norm, 3)], ['range', `${formatSigned(tile.min, 3)} … ${formatSigned(tile.max, 3)}`]);
    const difference = pictures[2]?.tiles;
    if (difference) rows.push(['changed by', formatNumber(statistics(gather(difference.values, tileOffsets(view, hit.filter))).norm, 3)]);
    if (offset !== null && y !== null && x !== null)
      rows.push(['in the file', storedIndex(tensor.shape, display.layout, filter, y, x, channel ?? 0)]);
    const place =
      y !== null && x !== null ? ` · row ${y}, column ${x}${channel !== null && main.shape[2] > 1 ? `, channel ${channel}` : ''}` : '';
    return { title: `kernel ${filter}${place}`, rows };
  }
}

const clips = new WeakMap<Float32Array, number>();

/** What 99.5 % of the absolute values stay below, from at most 65,536 of them. */
function clippedScale({ values }: Tiles): number {
  const known = clips.get(values);
  if (known !== undefined) return known;
  const step = Math.max(1, Math.floor(values.length / 65536));
  const sample = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => Math.abs(values[i * step]))
    .filter(Number.isFinite)
    .sort();
  const scale = sample[Math.min(sample.length - 1, Math.floor(sample.length * 0.995))] || Infinity;
  clips.set(values, scale);
  return scale;
}
