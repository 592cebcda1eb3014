import { axisNames } from '../../src/common/kernelAxes';
import type { WeightTensor } from '../../src/common/weightFile';
import type { FileTensor } from '../../src/common/weightsViewProtocol';
import { isReducible } from '../../src/common/planeReduction';
import { maxAbs } from '../../src/common/stats';
import { Legend } from '../kernels/legend';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { PlaneControls } from './planeControls';
import { PlaneView, type PlaneBlock, type PlaneCell } from './planeView';
import { axisLayout, sideLabel } from './tensorText';
import type { PlaneChoice, WeightsContext } from './weightsContext';
import type { BlockRequest } from './weightsData';

/** A file's tensor, or the second minus the first. */
interface Source {
  label: string;
  refs: [FileTensor] | [FileTensor, FileTensor];
}

interface Column {
  root: HTMLElement;
  caption: HTMLElement;
  status: HTMLElement;
  plane: PlaneView;
  legend: Legend;
  source: Source | null;
  largest: number;
  /** The scale it was drawn with. */
  scale: number;
  failure: string | null;
}

/** A matrix, or a slice of a tensor with more axes, as a heat map; in a comparison three of them that scroll and zoom together. */
export class PlaneSection {
  readonly root = element('div', { class: 'plane-section' });
  private readonly controls: PlaneControls;
  private readonly grid = element('div', { class: 'plane-columns' });
  private readonly note = element('p', { class: 'order-note', attributes: { role: 'status' } });
  private readonly readout = element('p', { class: 'readout', attributes: { 'aria-live': 'polite' } });
  private readonly columns: Column[] = [];
  private selected: PlaneCell | null = null;
  private tensor: WeightTensor | null = null;
  private choice: PlaneChoice = { rowAxis: 0, columnAxis: 1, at: [] };
  private key = '';

  constructor(private readonly context: WeightsContext) {
    this.controls = new PlaneControls(context, {
      onZoom: (by) => this.columns.forEach((c) => (by === 0 ? c.plane.fit() : c.plane.zoomBy(by))),
    });
    this.root.append(this.controls.root, this.note, this.grid, this.readout);
  }

  draw(tensor: WeightTensor): void {
    const { context } = this;
    this.tensor = tensor;
    this.choice = planeChoice(tensor, context.intent.planes[tensor.name]);
    this.controls.set(tensor, this.choice);
    const sources = this.sources(tensor);
    const key = JSON.stringify([tensor.name, this.choice, sources.map((s) => s.label)]);
    const isOther = key !== this.key;
    if (isOther) this.selected = null;
    this.key = key;
    while (this.columns.length < sources.length) this.addColumn();
    this.grid.dataset.columns = String(sources.length);
    const wanted: BlockRequest[] = [];
    this.columns.forEach((column, i) => {
      const source = sources[i] ?? null;
      setHidden(column.root, !source);
      column.source = source;
      if (isOther) Object.assign(column, { largest: 0 });
      column.failure = null;
    });
    const shared = Math.max(...this.columns.map((c) => (c.source?.refs.length === 1 ? this.scaleOf(c) : 0)));
    for (const column of this.columns)
      if (column.source) {
        const isDifference = column.source.refs.length === 2;
        this.show(column, tensor, isDifference ? this.scaleOf(column) : shared, sources.length);
        for (const block of column.plane.inSight) wanted.push(this.request(column.source, block));
      }
    context.data.keepBlocks(wanted);
    const step = this.columns[0]?.plane.step ?? 1;
    setText(this.note, [step > 1 && this.overviewText(tensor, step), this.outlierText(), ...this.zeroTexts()].filter(Boolean).join(' '));
    this.controls.setOverview(step > 1 && this.isReduced(tensor));
    setHidden(this.note, this.note.textContent === '');
    this.updateReadout();
    // A scale that grew with what just arrived is drawn with at once.
    const now = Math.max(...this.columns.map((c) => (c.source?.refs.length === 1 ? this.scaleOf(c) : 0)));
    if (this.columns.some((c) => c.source && c.scale !== (c.source.refs.length === 2 ? this.scaleOf(c) : now))) context.requestDraw();
  }

  private sources(tensor: WeightTensor): Source[] {
    const { data, comparison, intent } = this.context;
    const { snapshot } = data;
    if (!snapshot) return [];
    if (snapshot.mode === 'compare') {
      const pair = comparison.pairOf(tensor.name);
      const [a, b] = [pair?.a && { file: 0, tensor: pair.a.name }, pair?.b && { file: 1, tensor: pair.b.name }];
      const sources: Source[] = [];
      if (a) sources.push({ label: sideLabel(snapshot.files, 0), refs: [a] });
      if (b && (!a || pair?.a?.shape.join() === pair?.b?.shape.join())) sources.push({ label: sideLabel(snapshot.files, 1), refs: [b] });
      if (a && b && sources.length === 2) sources.push({ label: 'Difference, second − first', refs: [a, b] });
      return sources;
    }
    const ref = { file: intent.file, tensor: tensor.name };
    if (snapshot.mode === 'film' && intent.field !== 'value') {
      const from = intent.field === 'sinceFirst' ? 0 : Math.max(0, intent.file - 1);
      if (data.tensor(from, tensor.name)?.shape.join() === tensor.shape.join())
        return [{ label: `Change since ${snapshot.files[from].name}`, refs: [{ file: from, tensor: tensor.name }, ref] }];
    }
    return [{ label: data.file(intent.file)?.name ?? '', refs: [ref] }];
  }

  /** Heat maps without any colour say that this is no fault of theirs. */
  private zeroTexts(): string[] {
    const shown = this.columns.filter((c) => c.source && c.plane.inSight.length > 0);
    const isZero = (c: Column): boolean => c.plane.inSight.every((block) => this.valuesOf(c, block)?.every((v) => v === 0) ?? false);
    const zeros = shown.filter((c) => this.scaleOf(c) === 0 && isZero(c));
    return zeros.map(({ source }) => {
      if (source?.refs.length === 2) return 'No value in sight differs.';
      return shown.length > 1 ? `${source?.label}: all values in sight are 0.` : 'All values in sight are 0.';
    });
  }

  private addColumn(): void {
    const plane: PlaneView = new PlaneView({
      requestDraw: () => this.context.requestDraw(),
      onHover: (cell, anchor) => {
        if (!cell) return this.context.tooltip.hide();
        this.context.tooltip.show({ title: this.placeText(cell), rows: this.rowsOf(cell) }, anchor);
      },
      onSelect: (cell) => {
        this.selected = cell;
        this.context.requestDraw();
      },
      onScroll: (left, top) => {
        for (const c of this.columns) if (c.plane !== plane && c.source) c.plane.scrollTo(left, top);
      },
    });
    const column: Column = {
      plane,
      legend: new Legend(),
      root: element('figure', { class: 'plane-column' }),
      caption: element('figcaption', { class: 'column-caption' }),
      status: element('p', { class: 'empty-text', attributes: { role: 'status' } }),
      source: null,
      largest: 0,
      scale: 0,
      failure: null,
    };
    const axes = element('div', { class: 'plane-axes' });
    column.root.append(column.caption, column.legend.root, axes, plane.root, column.status);
    this.columns.push(column);
    this.grid.append(column.root);
  }

  private show(column: Column, tensor: WeightTensor, scale: number, count: number): void {
    const { source, plane } = column;
    if (!source) return;
    column.scale = scale;
    const { rowAxis, columnAxis } = this.choice;
    const names = axisNames(tensor.shape.length, axisLayout(tensor, this.context.intent.layouts[tensor.name]));
    const [down, across] = [names[rowAxis], names[columnAxis]];
    setHidden(column.caption, count === 1 && this.context.data.snapshot?.mode === 'file');
    setText(column.caption, source.label);
    column.caption.title = source.label;
    const axes = column.root.querySelector('.plane-axes') as HTMLElement;
    setText(axes, `↓ ${down} (${tensor.shape[rowAxis]})   → ${across} (${tensor.shape[columnAxis]})`);
    plane.show({
      rows: tensor.shape[rowAxis],
      columns: tensor.shape[columnAxis],
      block: (block) => this.valuesOf(column, block),
      scale,
      theme: this.context.theme,
      selected: this.selected,
      label: `${source.label}: ${tensor.name} as a heat map, ${down} down, ${across} across. Arrow keys move, + and − zoom, 0 fits.`,
      down,
      across,
    });
    column.legend.set(scale, this.context.theme, false, source.label);
    setHidden(column.legend.root, scale === 0);
    setHidden(column.status, column.failure === null && !plane.isWaiting);
    setText(column.status, column.failure ?? 'Reading …');
    column.status.dataset.state = column.failure === null ? 'loading' : 'failed';
  }

  private valuesOf(column: Column, block: PlaneBlock): Float32Array | null {
    const { source } = column;
    if (!source) return null;
    const found = this.context.data.block(this.request(source, block));
    if (found.state === 'failed') column.failure = found.message;
    if (found.state !== 'ready') return null;
    column.largest = Math.max(column.largest, largestOf(found.value));
    return found.value;
  }

  private request({ refs }: Source, block: PlaneBlock): BlockRequest {
    const [minus, ref] = refs.length === 2 ? refs : [undefined, refs[0]];
    return { ...ref, ...this.choice, ...block, reduce: this.context.intent.reduce, minus };
  }

  /** Where a few values take the scale for themselves. */
  private outlierText(): string {
    const [column] = this.columns;
    const [ref, minus] = column?.source?.refs ?? [];
    const summary = ref && !minus ? this.context.data.peekSummary(ref) : null;
    if (!summary || summary.count === 0 || this.context.intent.isClipped) return '';
    const usual = quantile(summary.histogram, 0.995);
    if (!(usual * 4 < column.scale)) return '';
    return `99.5 % of the values lie within ±${formatNumber(usual, 2)}: clip outliers to see them.`;
  }

  private isReduced(tensor: WeightTensor): boolean {
    return isReducible(tensor.shape, this.choice.rowAxis, this.choice.columnAxis);
  }

  private overviewText(tensor: WeightTensor, step: number): string {
    if (!this.isReduced(tensor)) return `Every ${step}${step === 2 ? 'nd' : 'th'} row and column is drawn; zoom in for all.`;
    const what = this.context.intent.reduce === 'mean' ? 'their mean' : 'the one largest in size, with its sign';
    return `Each pixel stands for ${step} × ${step} values and shows ${what}; zoom in for all.`;
  }

  /** By the whole tensor where its statistics are known, else by what has been seen of it. */
  private scaleOf(column: Column): number {
    const [ref] = column.source?.refs ?? [];
    const summary = column.source?.refs.length === 1 && ref ? this.context.data.peekSummary(ref) : null;
    if (!summary || summary.count === 0) return niceCeiling(column.largest);
    const whole = Math.max(Math.abs(summary.min), Math.abs(summary.max));
    return niceCeiling(this.context.intent.isClipped ? Math.min(whole, quantile(summary.histogram, 0.995)) : whole);
  }

  private placeText({ row, column }: PlaneCell): string {
    const { tensor, choice } = this;
    if (!tensor) return '';
    const index = choice.at.map((i, k) => (k === choice.rowAxis ? row : k === choice.columnAxis ? column : i));
    const names = axisNames(tensor.shape.length, axisLayout(tensor, this.context.intent.layouts[tensor.name]));
    return `${names[choice.rowAxis]} ${row}, ${names[choice.columnAxis]} ${column}${index.length > 2 ? ` · [${index.join(', ')}]` : ''}`;
  }

  private rowsOf(cell: PlaneCell): [string, string][] {
    const columns = this.columns.filter((c) => c.source);
    const labels = columns.length > 1 ? ['first', 'second', 'difference'] : [columns[0]?.source?.refs.length === 2 ? 'change' : 'value'];
    return columns.map((c, i) => [labels[i], this.valueAt(c, cell)]);
  }

  private valueAt(column: Column, { row, column: x }: PlaneCell): string {
    for (const block of column.plane.inSight) {
      const [y, at] = [(row - block.top) / block.step, (x - block.left) / block.step];
      if (y < 0 || at < 0 || y >= block.rows || at >= block.columns) continue;
      const values = this.valuesOf(column, block);
      if (!values) return '…';
      const value = formatSigned(values[Math.floor(y) * block.columns + Math.floor(at)], 6);
      if (block.step === 1) return value;
      if (!this.isReduced(this.tensor as WeightTensor)) return Number.isInteger(y) && Number.isInteger(at) ? value : `near ${value}`;
      return `${value} (${this.context.intent.reduce} of ${block.step} × ${block.step})`;
    }
    return '…';
  }

  private updateReadout(): void {
    const cell = this.selected;
    setText(
      this.readout,
      cell
        ? `${this.placeText(cell)}: ${this.rowsOf(cell)
            .map(([label, value]) => (label === 'value' ? value : `${label} ${value}`))
            .join(', ')}`
        : 'Point at a value for its number; click to keep it, arrow keys go on from there. Ctrl and the wheel zoom.',
    );
  }
}

/** The axes shown: those chosen, else the two last, with the others at 0. */
export function planeChoice(tensor: WeightTensor, chosen: PlaneChoice | undefined): PlaneChoice {
  const rank = tensor.shape.length;
  if (chosen && chosen.at.length === rank && chosen.at.every((i, k) => i < tensor.shape[k])) return chosen;
  const long = tensor.shape.map((n, k) => ({ n, k })).filter(({ n }) => n > 1);
  const [rowAxis, columnAxis] = long.length >= 2 ? long.slice(-2).map(({ k }) => k) : [rank - 2, rank - 1];
  return { rowAxis, columnAxis, at: tensor.shape.map(() => 0) };
}

const largest = new WeakMap<Float32Array, number>();

function largestOf(values: Float32Array): number {
  let known = largest.get(values);
  if (known === undefined) largest.set(values, (known = maxAbs(values)));
  return known;
}

/** The absolute value that a share of all lies below, as far as a histogram tells. */
function quantile({ low, high, counts }: { low: number; high: number; counts: number[] }, share: number): number {
  const width = (high - low) / counts.length;
  const bins = counts.map((n, i) => ({ n, reach: Math.max(Math.abs(low + i * width), Math.abs(low + (i + 1) * width)) }));
  bins.sort((a, b) => a.reach - b.reach);
  const total = counts.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (const { n, reach } of bins) {
    sum += n;
    if (sum >= total * share) return reach;
  }
  return Infinity;
}
