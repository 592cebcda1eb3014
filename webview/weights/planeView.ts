import { colorFactor, colorIndexOf, signedColor, signedColorMap, type ColorTheme } from '../../src/common/colorMap';
import { element, setAttribute } from '../ui/dom';
import { formatNumber } from '../ui/format';
import { themeColor } from '../ui/theme';
import { fittingLevel, zoomAt, LARGEST, type PlaneZoom } from './planeZoom';

/** Drawn values on each side of what is asked for at once. */
export const BLOCK = 256;
const RULER = { left: 44, top: 18 };
/** Cells at least this large, in CSS pixels, have their number written in them. */
const NUMBER_SIZE = 46;

export interface PlaneCell {
  row: number;
  column: number;
}

/** Drawn values from (top, left), in values of the plane. */
export interface PlaneBlock {
  top: number;
  left: number;
  rows: number;
  columns: number;
  step: number;
}

export interface PlanePicture {
  rows: number;
  columns: number;
  /** A block's values, row by row, or null while they are on their way. */
  block(block: PlaneBlock): Float32Array | null;
  scale: number;
  theme: ColorTheme;
  selected: PlaneCell | null;
  label: string;
  /** Names of the axes. */
  down: string;
  across: string;
}

export interface PlaneViewOptions {
  onHover(cell: PlaneCell | null, anchor: DOMRect): void;
  onSelect(cell: PlaneCell): void;
  /** Scrolled or resized by the person: others follow. */
  onScroll(left: number, top: number): void;
  requestDraw(): void;
}

/** A matrix of any size as a heat map that can be scrolled and zoomed; only what is in sight is asked for and painted. */
export class PlaneView {
  readonly root = element('div', { class: 'plane' });
  readonly canvas = element('canvas', { class: 'plane-canvas', attributes: { 'aria-hidden': 'true' } });
  private readonly rulers = element('canvas', { class: 'plane-rulers', attributes: { 'aria-hidden': 'true' } });
  private readonly scroller = element('div', { class: 'plane-scroller', attributes: { tabindex: 0, role: 'application' } });
  private readonly space = element('div', { class: 'plane-space' });
  private readonly mark = element('div', { class: 'tile-mark selected', attributes: { hidden: true } });
  private readonly context = this.canvas.getContext('2d', { alpha: true });
  private image: ImageData | null = null;
  private picture: PlanePicture | null = null;
  /** null: what fits. */
  private level: number | null = null;
  private zoom: PlaneZoom = zoomAt(0);
  /** Blocks in sight at the last drawing, and whether some of them had not been read. */
  inSight: PlaneBlock[] = [];
  isWaiting = false;

  constructor(private readonly options: PlaneViewOptions) {
    this.space.append(this.canvas, this.mark);
    this.scroller.append(this.space);
    this.root.append(this.rulers, this.scroller);
    this.scroller.addEventListener(
      'scroll',
      () => {
        options.onScroll(this.scroller.scrollLeft, this.scroller.scrollTop);
        options.requestDraw();
      },
      { passive: true },
    );
    new ResizeObserver(() => options.requestDraw()).observe(this.root);
    this.space.addEventListener('pointermove', (e) => this.options.onHover(this.cellAt(e), new DOMRect(e.clientX, e.clientY - 8, 1, 16)));
    this.space.addEventListener('pointerleave', () => this.options.onHover(null, new DOMRect()));
    this.space.addEventListener('click', (e) => {
      const cell = this.cellAt(e);
      if (cell) options.onSelect(cell);
    });
    this.scroller.addEventListener('keydown', (e) => this.didPress(e));
    this.scroller.addEventListener(
      'wheel',
      (e) => {
        if (!e.ctrlKey) return;
        e.preventDefault();
        this.zoomBy(e.deltaY < 0 ? 1 : -1, e);
      },
      { passive: false },
    );
  }

  /** Every how many-th value is drawn. */
  get step(): number {
    return this.zoom.step;
  }

  zoomBy(by: number, at?: { clientX: number; clientY: number }): void {
    const box = this.scroller.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - box.left, at.clientY - box.top] : [box.width / 2, box.height / 2];
    const before = this.cssSize();
    const [column, row] = [(this.scroller.scrollLeft + x) / before, (this.scroller.scrollTop + y) / before];
    this.level = Math.max(-12, Math.min(LARGEST, this.currentLevel() + by));
    this.resize();
    this.scroller.scrollLeft = column * this.cssSize() - x;
    this.scroller.scrollTop = row * this.cssSize() - y;
    this.options.requestDraw();
  }

  /** Back to what fits. */
  fit(): void {
    this.level = null;
    this.options.requestDraw();
  }

  get zoomLevel(): number | null {
    return this.level;
  }

  set zoomLevel(level: number | null) {
    this.level = level;
  }

  scrollTo(left: number, top: number): void {
    if (this.scroller.scrollLeft !== left) this.scroller.scrollLeft = left;
    if (this.scroller.scrollTop !== top) this.scroller.scrollTop = top;
  }

  show(picture: PlanePicture): void {
    this.picture = picture;
    setAttribute(this.scroller, 'aria-label', picture.label);
    this.resize();
    this.paint(picture);
    this.drawRulers(picture);
    const { selected } = picture;
    this.mark.hidden = selected === null;
    if (selected) {
      const size = this.cssSize();
      this.mark.style.left = `${selected.column * size}px`;
      this.mark.style.top = `${selected.row * size}px`;
      this.mark.style.width = this.mark.style.height = `${Math.max(size, 3)}px`;
    }
  }

  private currentLevel(): number {
    const p = this.picture;
    if (this.level !== null || !p) return this.level ?? 0;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(64, this.root.clientWidth - RULER.left - 14) * ratio;
    return fittingLevel(p.rows, p.columns, width, this.maxHeight() * ratio);
  }

  private maxHeight(): number {
    return Math.max(200, Math.min(680, window.innerHeight * 0.62));
  }

  /** CSS pixels per value. */
  private cssSize(): number {
    return this.zoom.pixels / this.zoom.step / (window.devicePixelRatio || 1);
  }

  private resize(): void {
    const p = this.picture;
    if (!p) return;
    this.zoom = zoomAt(this.currentLevel());
    const size = this.cssSize();
    const [width, height] = [Math.ceil(p.columns * size), Math.ceil(p.rows * size)];
    this.space.style.width = `${width}px`;
    this.space.style.height = `${height}px`;
    // A scroll bar needs room of its own.
    const room = width > this.root.clientWidth - RULER.left ? 14 : 2;
    this.scroller.style.height = `${Math.min(this.maxHeight(), height + room)}px`;
  }

  private paint(p: PlanePicture): void {
    const ratio = window.devicePixelRatio || 1;
    const { pixels, step } = this.zoom;
    const [samplesDown, samplesAcross] = [Math.ceil(p.rows / step), Math.ceil(p.columns / step)];
    const width = Math.max(1, Math.min(Math.ceil(this.scroller.clientWidth * ratio), samplesAcross * pixels));
    const height = Math.max(1, Math.min(Math.ceil(this.scroller.clientHeight * ratio), samplesDown * pixels));
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${width / ratio}px`;
      this.canvas.style.height = `${height / ratio}px`;
    }
    const left = Math.max(0, Math.min(Math.round(this.scroller.scrollLeft * ratio), samplesAcross * pixels - width));
    const top = Math.max(0, Math.min(Math.round(this.scroller.scrollTop * ratio), samplesDown * pixels - height));
    const words = new Uint32Array(this.image.data.buffer);
    words.fill(0);
    const table = signedColorMap(p.theme).words;
    const factor = colorFactor(p.scale);
    this.inSight = [];
    this.isWaiting = false;
    const numbers: { values: Float32Array; block: PlaneBlock }[] = [];
    const [firstRow, lastRow] = [Math.floor(top / pixels), Math.min(samplesDown, Math.ceil((top + height) / pixels))];
    const [firstColumn, lastColumn] = [Math.floor(left / pixels), Math.min(samplesAcross, Math.ceil((left + width) / pixels))];
    for (let by = Math.floor(firstRow / BLOCK); by * BLOCK < lastRow; by++)
      for (let bx = Math.floor(firstColumn / BLOCK); bx * BLOCK < lastColumn; bx++) {
        const block: PlaneBlock = {
          top: by * BLOCK * step,
          left: bx * BLOCK * step,
          rows: Math.min(BLOCK, samplesDown - by * BLOCK),
          columns: Math.min(BLOCK, samplesAcross - bx * BLOCK),
          step,
        };
        this.inSight.push(block);
        const values = p.block(block);
        if (!values) {
          this.isWaiting = true;
          continue;
        }
        numbers.push({ values, block });
        const from = Math.max(firstColumn, bx * BLOCK);
        const to = Math.min(lastColumn, bx * BLOCK + block.columns);
        for (let row = Math.max(firstRow, by * BLOCK); row < Math.min(lastRow, by * BLOCK + block.rows); row++) {
          const y = Math.max(0, row * pixels - top);
          const bottom = Math.min(height, (row + 1) * pixels - top);
          const begin = Math.max(0, from * pixels - left);
          let at = y * width + begin;
          let source = (row - by * BLOCK) * block.columns + (from - bx * BLOCK);
          for (let column = from; column < to; column++, source++) {
            const word = table[colorIndexOf(values[source] * factor)];
            const end = y * width + Math.min(width, (column + 1) * pixels - left);
            while (at < end) words[at++] = word;
          }
          for (let line = y + 1; line < bottom; line++) words.copyWithin(line * width + begin, y * width + begin, at);
        }
      }
    this.context?.putImageData(this.image, 0, 0);
    if (pixels / ratio >= NUMBER_SIZE) this.drawNumbers(p, numbers, left, top);
    // What was drawn, for whoever wants to check the picture against the numbers.
    setAttribute(this.canvas, 'data-scale', p.scale);
    setAttribute(this.canvas, 'data-pixels-per-value', pixels);
    setAttribute(this.canvas, 'data-step', step);
    setAttribute(this.canvas, 'data-left', left);
    setAttribute(this.canvas, 'data-top', top);
  }

  private drawNumbers(p: PlanePicture, blocks: { values: Float32Array; block: PlaneBlock }[], left: number, top: number): void {
    const { context } = this;
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    const { pixels } = this.zoom;
    context.font = `${Math.round(10.5 * ratio)}px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const digits = pixels / ratio >= 60 ? 3 : 2;
    for (const { values, block } of blocks)
      for (let i = 0; i < values.length; i++) {
        const x = (block.left + (i % block.columns) + 0.5) * pixels - left;
        const y = (block.top + Math.floor(i / block.columns) + 0.5) * pixels - top;
        if (x < -pixels || y < -pixels || x > this.canvas.width + pixels || y > this.canvas.height + pixels) continue;
        const [r, g, b] = signedColor(values[i], p.scale, p.theme);
        context.fillStyle = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
        context.fillText(formatNumber(values[i], digits), x, y);
      }
  }

  /** Indices along both axes, and their names. */
  private drawRulers(p: PlanePicture): void {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.root.clientWidth, this.scroller.clientHeight + RULER.top];
    this.rulers.width = Math.max(1, Math.round(width * ratio));
    this.rulers.height = Math.max(1, Math.round(height * ratio));
    this.rulers.style.width = `${width}px`;
    this.rulers.style.height = `${height}px`;
    const context = this.rulers.getContext('2d');
    if (!context) return;
    context.scale(ratio, ratio);
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = themeColor('--ks-text-quiet');
    context.strokeStyle = themeColor('--ks-grid');
    const size = this.cssSize();
    const every = tickDistance(size);
    context.textBaseline = 'middle';
    const right = Math.min(width, RULER.left + p.columns * size + 8);
    for (let i = Math.ceil(this.scroller.scrollLeft / size / every) * every; i < p.columns; i += every) {
      const x = RULER.left + (i + 0.5) * size - this.scroller.scrollLeft;
      if (x > width - 4) break;
      context.textAlign = 'center';
      if (x < right) context.fillText(String(i), x, RULER.top / 2);
    }
    context.textAlign = 'right';
    for (let i = Math.ceil(this.scroller.scrollTop / size / every) * every; i < p.rows; i += every) {
      const y = RULER.top + (i + 0.5) * size - this.scroller.scrollTop;
      if (y > height - 2) break;
      context.fillText(String(i), RULER.left - 5, y);
    }
  }

  private cellAt(event: { clientX: number; clientY: number }): PlaneCell | null {
    const p = this.picture;
    if (!p) return null;
    const box = this.space.getBoundingClientRect();
    const size = this.cssSize();
    const column = Math.floor((event.clientX - box.left) / size);
    const row = Math.floor((event.clientY - box.top) / size);
    return row >= 0 && column >= 0 && row < p.rows && column < p.columns ? { row, column } : null;
  }

  private didPress(event: KeyboardEvent): void {
    const p = this.picture;
    if (!p || event.altKey || event.metaKey) return;
    if (!event.ctrlKey && (event.key === '+' || event.key === '-' || event.key === '0')) {
      event.preventDefault();
      if (event.key === '0') this.fit();
      else this.zoomBy(event.key === '+' ? 1 : -1);
      return;
    }
    const { row, column } = p.selected ?? { row: 0, column: 0 };
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.cssSize()) - 1);
    const moves: Partial<Record<string, PlaneCell>> = {
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      PageUp: { row: Math.max(0, row - page), column },
      PageDown: { row: Math.min(p.rows - 1, row + page), column },
      Home: { row: event.ctrlKey ? 0 : row, column: 0 },
      End: { row: event.ctrlKey ? p.rows - 1 : row, column: p.columns - 1 },
    };
    const target = moves[event.key];
    if (!target) return;
    event.preventDefault();
    if (target.row < 0 || target.column < 0 || target.row >= p.rows || target.column >= p.columns) return;
    const cell = p.selected ? target : { row, column };
    // The next key may come before the next drawing.
    p.selected = cell;
    this.options.onSelect(cell);
    this.reveal(cell);
  }

  private reveal({ row, column }: PlaneCell): void {
    const size = this.cssSize();
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.scroller;
    if (row * size < scrollTop) this.scroller.scrollTop = row * size;
    else if ((row + 1) * size > scrollTop + clientHeight) this.scroller.scrollTop = (row + 1) * size - clientHeight;
    if (column * size < scrollLeft) this.scroller.scrollLeft = column * size;
    else if ((column + 1) * size > scrollLeft + clientWidth) this.scroller.scrollLeft = (column + 1) * size - clientWidth;
  }
}

/** 1, 2, 5, 10, 20, … so that numbers stand about 48 pixels apart. */
function tickDistance(size: number): number {
  const least = 48 / size;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return Math.max(1, ([1, 2, 5, 10].find((s) => s * power >= least) ?? 10) * power);
}
