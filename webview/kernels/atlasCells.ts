import type { AtlasLayout } from '../../src/common/atlasLayout';
import { element, setAttribute, setHidden } from '../ui/dom';
import type { WeightView } from '../run/layerView';

export interface AtlasCellsOptions {
  onOpen(filter: number): void;
  /** What a screen reader says of a tile, with the numbers of this moment. */
  label(item: number): string;
  onFocus(item: number): void;
  onBlur(): void;
  /** Scrolls so that these rows, in CSS pixels, are in sight. */
  reveal(top: number, bottom: number): void;
}

const ROWS_PER_PAGE = 5;
/** With more tiles in sight than this, only the one with the focus is an element: many would make scrolling and zooming slow. */
const MAX_CELLS = 300;

/**
 * The tiles of a picture as things that can have the focus: a list box over the canvas with one tab stop and arrow keys. Only the
 * tiles in sight, and the one with the focus, are in the document.
 */
export class AtlasCells {
  readonly root = element('div', { class: 'atlas-cells', attributes: { role: 'listbox' } });
  private readonly hoverMark = element('div', { class: 'tile-mark hover', attributes: { hidden: true } });
  private readonly selectedMarks: HTMLElement[] = [];
  private readonly cells = new Map<number, HTMLElement>();
  private layout: AtlasLayout | null = null;
  private ratio = 1;
  private itemName: WeightView['item'] = 'kernel';
  /** The one tab stop. */
  private current = 0;

  constructor(private readonly options: AtlasCellsOptions) {
    this.root.append(this.hoverMark);
    this.root.addEventListener('keydown', (e) => this.didPress(e));
    this.root.addEventListener('focusin', (e) => {
      const item = Number((e.target as HTMLElement).dataset.item);
      if (Number.isNaN(item)) return;
      this.refreshLabel(item);
      this.options.onFocus(item);
    });
    this.root.addEventListener('focusout', () => this.options.onBlur());
  }

  setLayout(layout: AtlasLayout, ratio: number, itemName: WeightView['item']): void {
    this.layout = layout;
    this.ratio = ratio;
    this.itemName = itemName;
    this.current = Math.min(this.current, Math.max(0, layout.count - 1));
    const hadFocus = this.root.contains(document.activeElement);
    for (const cell of this.cells.values()) cell.remove();
    this.cells.clear();
    this.hoverMark.hidden = true;
    if (hadFocus && layout.count > 0) this.focus();
  }

  /** Puts the tiles between two picture rows into the document. */
  update([top, bottom]: [number, number], label: string, selected: number | null): void {
    const layout = this.layout;
    if (!layout) return;
    setAttribute(this.root, 'aria-label', label);
    const wanted = new Set<number>();
    for (let item = firstBelow(layout, top); item < layout.count && wanted.size <= MAX_CELLS; item++) {
      const [tile] = layout.rectsOf(item);
      if (tile.y >= bottom) break;
      wanted.add(item);
    }
    if (wanted.size > MAX_CELLS) wanted.clear();
    wanted.add(this.current);
    for (const [item, cell] of this.cells) {
      if (wanted.has(item)) continue;
      cell.remove();
      this.cells.delete(item);
    }
    for (const item of wanted) if (item < layout.count) this.cellOf(item);
    for (const [item, cell] of this.cells) {
      setAttribute(cell, 'aria-selected', String(layout.filterOf(item) === selected));
      const tabIndex = item === this.current ? 0 : -1;
      if (cell.tabIndex !== tabIndex) cell.tabIndex = tabIndex;
    }
    this.markSelected(selected);
  }

  setHover(item: number | null): void {
    setHidden(this.hoverMark, item === null);
    if (item !== null && this.layout) this.place(this.hoverMark, this.layout.rectsOf(item)[0]);
  }

  /** Makes a tile the tab stop. */
  moveTo(item: number): void {
    const before = this.cells.get(this.current);
    if (before) before.tabIndex = -1;
    this.current = item;
    this.cellOf(item).tabIndex = 0;
  }

  focus(): void {
    const layout = this.layout;
    if (!layout) return;
    const [tile] = layout.rectsOf(this.current);
    this.options.reveal(tile.y / this.ratio, (tile.y + tile.height) / this.ratio);
    this.cellOf(this.current).focus({ preventScroll: false });
  }

  boxOf(item: number): DOMRect | null {
    return this.cells.get(item)?.getBoundingClientRect() ?? null;
  }

  private didPress(event: KeyboardEvent): void {
    const layout = this.layout;
    if (!layout || event.altKey || event.ctrlKey || event.metaKey) return;
    const { columns, count } = layout;
    const move: Partial<Record<string, number>> = {
      ArrowLeft: this.current - 1,
      ArrowRight: this.current + 1,
      ArrowUp: this.current - columns,
      ArrowDown: this.current + columns,
      PageUp: Math.max(this.current % columns, this.current - columns * ROWS_PER_PAGE),
      PageDown: Math.min(count - 1, this.current + columns * ROWS_PER_PAGE),
      Home: 0,
      End: count - 1,
    };
    const target = move[event.key];
    if (target !== undefined) {
      event.preventDefault();
      if (target < 0 || target >= count) return;
      this.moveTo(target);
      this.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.options.onOpen(layout.filterOf(this.current));
    }
  }

  private cellOf(item: number): HTMLElement {
    const known = this.cells.get(item);
    if (known) return known;
    const layout = this.layout as AtlasLayout;
    const cell = element('div', {
      class: 'cell',
      attributes: {
        role: 'option',
        'data-item': item,
        'data-filter': layout.filterOf(item),
        'aria-label': `${this.itemName} ${layout.filterOf(item)}`,
        'aria-posinset': item + 1,
        'aria-setsize': layout.count,
        tabindex: -1,
      },
    });
    this.place(cell, layout.rectsOf(item)[0]);
    this.cells.set(item, cell);
    this.root.append(cell);
    return cell;
  }

  private refreshLabel(item: number): void {
    const cell = this.cells.get(item);
    if (cell) setAttribute(cell, 'aria-label', this.options.label(item));
  }

  private markSelected(selected: number | null): void {
    const layout = this.layout;
    let rects: ReturnType<AtlasLayout['rectsOf']> = [];
    if (layout && selected !== null)
      for (let item = 0; item < layout.count; item++)
        if (layout.filterOf(item) === selected) {
          rects = layout.rectsOf(item);
          break;
        }
    while (this.selectedMarks.length < rects.length) {
      const mark = element('div', { class: 'tile-mark selected' });
      this.selectedMarks.push(mark);
      this.root.append(mark);
    }
    this.selectedMarks.forEach((mark, i) => {
      setHidden(mark, i >= rects.length);
      if (i < rects.length) this.place(mark, rects[i]);
    });
  }

  private place(node: HTMLElement, rect: { x: number; y: number; width: number; height: number }): void {
    node.style.left = `${rect.x / this.ratio}px`;
    node.style.top = `${rect.y / this.ratio}px`;
    node.style.width = `${rect.width / this.ratio}px`;
    node.style.height = `${rect.height / this.ratio}px`;
  }
}

/** First item of which something lies below picture row `top`; items run from the top down. */
function firstBelow(layout: AtlasLayout, top: number): number {
  let low = 0;
  let high = layout.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const rects = layout.rectsOf(middle);
    const last = rects[rects.length - 1];
    if (last.y + last.height > top) high = middle;
    else low = middle + 1;
  }
  return low;
}
