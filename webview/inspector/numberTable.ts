import { signedColor, type ColorTheme } from '../../src/common/colorMap';
import { element, setAttribute, setText } from '../ui/dom';
import { formatFixed, formatSigned } from '../ui/format';

export interface NumberTableContent {
  caption: string;
  /** Row by row; `columns` to a row. */
  values: Float32Array;
  columns: number;
  scale: number;
  theme: ColorTheme;
  /** Index of the chosen number. */
  chosen: number;
  /** What a number is, for screen readers: `row 0, column 2`. */
  nameOf(index: number): string;
}

/** Numbers in a grid, each on its colour; one is chosen, with the pointer or the arrow keys. */
export class NumberTable {
  readonly root = element('figure', { class: 'number-table' });
  private readonly caption = element('figcaption');
  private readonly unit = element('span', { class: 'unit' });
  private readonly title = element('span');
  private readonly grid = element('div', { class: 'number-grid', attributes: { role: 'grid' } });
  private cells: HTMLElement[] = [];
  private shape = '';
  private columns = 1;
  private chosen = 0;

  constructor(private readonly onChoose: (index: number) => void) {
    this.caption.append(this.title, this.unit);
    this.root.append(this.caption, this.grid);
    this.grid.addEventListener('click', (e) =>
      this.choose(this.cells.indexOf((e.target as HTMLElement).closest('.number') as HTMLElement)),
    );
    this.grid.addEventListener('keydown', (e) => this.didPress(e));
  }

  show(content: NumberTableContent): void {
    const { values, columns, scale, theme, chosen } = content;
    this.build(values.length, columns);
    let largest = 0;
    for (const v of values) if (Number.isFinite(v)) largest = Math.max(largest, Math.abs(v));
    const exponent = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
    // −0.0831 reads well as it is; 0.00001234 does as 1.23 × 10⁻⁵.
    const power = exponent < -2 || exponent > 3 ? exponent : 0;
    const factor = 10 ** -power;
    const decimals = power !== 0 ? 2 : Math.max(0, Math.min(4, 2 - exponent));
    setText(this.title, content.caption);
    setText(this.unit, power === 0 ? '' : ` × 10${superscript(power)}`);
    setAttribute(this.grid, 'aria-label', content.caption);
    this.chosen = chosen;
    this.cells.forEach((cell, i) => {
      const [r, g, b] = signedColor(values[i], scale, theme);
      const color = `rgb(${r}, ${g}, ${b})`;
      if (cell.dataset.color !== color) {
        cell.dataset.color = color;
        cell.style.backgroundColor = color;
        cell.style.color = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
      }
      setText(cell, formatFixed(values[i] * factor, decimals));
      setAttribute(cell, 'aria-selected', String(i === chosen));
      const tabIndex = i === chosen ? 0 : -1;
      if (cell.tabIndex !== tabIndex) cell.tabIndex = tabIndex;
      if (cell === document.activeElement) setAttribute(cell, 'aria-label', `${content.nameOf(i)}: ${formatSigned(values[i])}`);
      else setAttribute(cell, 'aria-label', null);
    });
  }

  private build(count: number, columns: number): void {
    const shape = `${count} ${columns}`;
    if (shape === this.shape) return;
    this.shape = shape;
    this.columns = columns;
    this.cells = Array.from({ length: count }, () => element('div', { class: 'number', attributes: { role: 'gridcell' } }));
    const rows: HTMLElement[] = [];
    for (let i = 0; i < count; i += columns) {
      const row = element('div', { class: 'number-row', attributes: { role: 'row' } }, ...this.cells.slice(i, i + columns));
      rows.push(row);
    }
    this.grid.replaceChildren(...rows);
  }

  private choose(index: number): void {
    if (index < 0 || index >= this.cells.length) return;
    this.onChoose(index);
    this.cells[index].focus();
  }

  private didPress(event: KeyboardEvent): void {
    const moves: Partial<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.columns,
      ArrowDown: this.columns,
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.choose(this.chosen + by);
  }
}

function superscript(power: number): string {
  return String(power).replace(/[-0-9]/g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]));
}
