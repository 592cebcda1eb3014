import type { AtlasHit, AtlasLayout } from '../../src/common/atlasLayout';
import type { ColorTheme } from '../../src/common/colorMap';
import type { AtlasMode } from '../../src/common/kernelLayout';
import { maxAbs } from '../../src/common/stats';
import type { WeightView } from '../run/layerView';
import { element, setAttribute } from '../ui/dom';
import { AtlasCells } from './atlasCells';
import { fitLayout } from './fitPixels';
import { RowsInSight } from './rowsInSight';
import type { Tooltip, TooltipText } from './tooltip';

export interface AtlasPicture {
  view: WeightView;
  values: Float32Array;
  /** Scale to draw with, from the largest absolute value of what is drawn. */
  scaleFor(largest: number): number;
  theme: ColorTheme;
  mode: AtlasMode;
  /** Kernels in the order to be shown; null: all as they are. The same array object means the same order. */
  order: ArrayLike<number> | null;
  zoom: number;
  /** CSS pixels that the picture should be high at most before it gets smaller. */
  fitHeight: number;
  label: string;
  selected: number | null;
}

export interface AtlasViewOptions {
  tooltip: Tooltip;
  onOpen(filter: number): void;
  describe(hit: AtlasHit): TooltipText;
  /** Something only this view knows (its size, how far it is scrolled) asks for a new drawing. */
  requestDraw(): void;
}

/** Of `.atlas` in tokens.css: room for the marks around tiles at the edge. */
const PADDING = 3;

/** One weight on one canvas: only the rows in sight are painted, in device pixels, each weight exactly in its table colour. */
export class AtlasView {
  readonly root = element('div', { class: 'atlas' });
  readonly canvas = element('canvas', { class: 'atlas-canvas', attributes: { 'aria-hidden': 'true' } });
  layout: AtlasLayout | null = null;
  private readonly space = element('div', { class: 'atlas-space' });
  private readonly cells: AtlasCells;
  private readonly context = this.canvas.getContext('2d', { alpha: true });
  private readonly rows = new RowsInSight();
  /** Of the last drawing: the colour bar's ends, and the largest absolute value drawn. */
  scale = 0;
  largest = 0;
  private layoutKey = '';
  private order: ArrayLike<number> | null = null;
  private width = 0;
  private pointer: { x: number; y: number } | null = null;
  /** What was made of the values last time: scrolling and zooming a large layer must not go through all of them again. */
  private prepared: { values: Float32Array; key: string; drawn: Float32Array; largest: number } | null = null;

  constructor(private readonly options: AtlasViewOptions) {
    this.cells = new AtlasCells({
      onOpen: options.onOpen,
      label: (item) => this.labelOf(item),
      onFocus: (item) => this.showTooltipAt(item),
      onBlur: () => options.tooltip.hide(),
      reveal: (top, bottom) => this.reveal(top, bottom),
    });
    this.space.append(this.canvas, this.cells.root);
    this.root.append(this.space);
    new ResizeObserver(() => {
      if (this.innerWidth() !== this.width) options.requestDraw();
    }).observe(this.root);
    this.root.addEventListener('scroll', () => options.requestDraw(), { passive: true });
    this.space.addEventListener('pointermove', (e) => {
      this.pointer = { x: e.clientX, y: e.clientY };
      this.updateHover();
    });
    this.space.addEventListener('pointerleave', () => {
      this.pointer = null;
      this.cells.setHover(null);
      options.tooltip.hide();
    });
    this.space.addEventListener('click', (e) => {
      const hit = this.hitAt(e.clientX, e.clientY);
      if (hit) {
        this.cells.moveTo(hit.item);
        options.onOpen(hit.filter);
      }
    });
  }

  /** What is to be seen; drawn at once. Call it once per animation frame. */
  show(picture: AtlasPicture): void {
    this.updateLayout(picture);
    this.paint(picture);
    this.cells.update(this.visibleRows(), picture.label, picture.selected);
    if (this.pointer) this.updateHover();
  }

  /** The kernel that stands at the focus, if the focus is in this picture. */
  focusItem(item: number): void {
    this.cells.moveTo(item);
    this.cells.focus();
  }

  private updateLayout(picture: AtlasPicture): void {
    this.width = this.innerWidth();
    const ratio = window.devicePixelRatio || 1;
    const { view, mode, zoom, fitHeight } = picture;
    const key = JSON.stringify([view.shape, view.kind, view.item, mode, zoom, fitHeight, this.width, ratio]);
    if (this.layout && key === this.layoutKey && picture.order === this.order) return;
    this.layoutKey = key;
    this.order = picture.order;
    this.layout = fitLayout({ view, mode, order: picture.order, width: this.width, height: fitHeight, ratio, zoom });
    this.space.style.width = `${this.layout.width / ratio}px`;
    this.space.style.height = `${this.layout.height / ratio}px`;
    this.cells.setLayout(this.layout, ratio, view.item);
  }

  private innerWidth(): number {
    return Math.floor(this.root.clientWidth) - 2 * PADDING;
  }

  private visibleRows(): [top: number, bottom: number] {
    const ratio = window.devicePixelRatio || 1;
    const height = this.layout?.height ?? 0;
    const view = Math.ceil(Math.min(height, (this.root.clientHeight || height / ratio) * ratio));
    const top = Math.max(0, Math.min(Math.round(this.root.scrollTop * ratio), height - view));
    return [top, top + view];
  }

  private paint(picture: AtlasPicture): void {
    const layout = this.layout;
    if (!layout || !this.context) return;
    const ratio = window.devicePixelRatio || 1;
    const [top, bottom] = this.visibleRows();
    const rows = Math.max(1, bottom - top);
    // As wide as there is room, whatever is drawn: a canvas that changes its size with every step of a zoom is slow.
    const width = Math.max(layout.width, Math.floor(this.width * ratio));
    if (this.canvas.width !== width || this.canvas.height !== rows) {
      this.canvas.width = width;
      this.canvas.height = rows;
    }
    this.canvas.style.width = `${width / ratio}px`;
    this.canvas.style.height = `${rows / ratio}px`;
    const { drawn, largest } = this.prepare(layout, picture);
    this.largest = largest;
    this.scale = picture.scaleFor(largest);
    const words = this.rows.fill({ layout, drawn, scale: this.scale, theme: picture.theme, top }, rows);
    const bytes = new Uint8ClampedArray(words.buffer, words.byteOffset, words.byteLength);
    this.context.putImageData(new ImageData(bytes, layout.width, rows), 0, 0);
    this.context.clearRect(layout.width, 0, width, rows);
    // What was drawn, for whoever wants to check the picture against the numbers.
    setAttribute(this.canvas, 'data-scale', this.scale);
    setAttribute(this.canvas, 'data-mode', layout.mode);
    setAttribute(this.canvas, 'data-pixels-per-weight', layout.pixelsPerWeight);
    setAttribute(this.canvas, 'data-top', top);
  }

  private prepare(layout: AtlasLayout, { view, values }: AtlasPicture): { drawn: Float32Array; largest: number } {
    const key = JSON.stringify([layout.mode, view.shape, view.kind]);
    const known = this.prepared;
    if (known?.values === values && known.key === key) return known;
    const drawn = layout.prepare(values);
    this.prepared = { values, key, drawn, largest: maxAbs(drawn) };
    return this.prepared;
  }

  private hitAt(clientX: number, clientY: number): AtlasHit | null {
    const box = this.space.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    return this.layout?.hit((clientX - box.left) * ratio, (clientY - box.top) * ratio) ?? null;
  }

  private updateHover(): void {
    const hit = this.pointer && this.hitAt(this.pointer.x, this.pointer.y);
    this.cells.setHover(hit ? hit.item : null);
    if (!hit || !this.pointer) return this.options.tooltip.hide();
    const text = this.options.describe(hit);
    this.options.tooltip.show(text, new DOMRect(this.pointer.x, this.pointer.y - 8, 1, 16));
  }

  private showTooltipAt(item: number): void {
    const box = this.cells.boxOf(item);
    const filter = this.layout?.filterOf(item);
    if (box && filter !== undefined) this.options.tooltip.show(this.options.describe(wholeTile(item, filter)), box);
  }

  private labelOf(item: number): string {
    const { title, rows } = this.options.describe(wholeTile(item, this.layout?.filterOf(item) ?? item));
    return [title, ...rows.map(([label, value]) => `${label} ${value}`)].join(', ');
  }

  private reveal(top: number, bottom: number): void {
    const { scrollTop, clientHeight } = this.root;
    if (top < scrollTop) this.root.scrollTop = top - 4;
    else if (bottom > scrollTop + clientHeight) this.root.scrollTop = bottom - clientHeight + 4;
  }
}

function wholeTile(item: number, filter: number): AtlasHit {
  return { item, filter, offset: null, y: null, x: null, channel: null };
}
