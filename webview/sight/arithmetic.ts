import type { ConvolutionDetail, KernelSight } from '../../src/common/probeProtocol';
import { signedColor, type ColorTheme } from '../../src/common/colorMap';
import type { Box } from '../../src/insight/receptiveField';
import { maxAbs } from '../../src/common/stats';
import { element, replaceChildren, setAttribute, setHidden, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { oneOutput } from './convolve';
import { mapWords } from './mapWords';
import { Player } from './player';
import { drawImage, drawSigned, pictureCanvas } from './drawPicture';
import { placeFrame } from './placeFrame';

/** One output of the convolution, written out with the real numbers: the patch it looks at, times the kernel, summed. */
export class Arithmetic {
  readonly root = element('div', { class: 'arithmetic' });
  private readonly input = pictureCanvas('What comes into the layer');
  private readonly field = element('div', { class: 'receptive-field' });
  private readonly map = pictureCanvas('What the kernel makes of it; arrow keys move the position');
  private readonly cursor = element('div', { class: 'receptive-field' });
  private readonly image = pictureCanvas('The image');
  private readonly imageField = element('div', { class: 'receptive-field' });
  private readonly imageNote = element('figcaption');
  private readonly imageFigure = element(
    'figure',
    { class: 'large-picture' },
    element('div', { class: 'framed' }, this.image, this.imageField),
    this.imageNote,
  );
  private readonly inputNote = element('figcaption');
  private readonly mapNote = element('figcaption', { attributes: { 'aria-live': 'polite' } });
  private readonly grid = element('div', { class: 'term-grid', attributes: { role: 'group' } });
  private readonly sentence = element('p');
  private readonly running = element('p', { class: 'running-sum', attributes: { 'aria-live': 'polite' } });
  private readonly player: Player;
  private detail: ConvolutionDetail | null = null;
  private values: Float32Array = new Float32Array(0);
  private size: [number, number] = [1, 1];
  private at: [number, number] = [0, 0];
  private isChosen = false;
  /** While it slides over the image: so many outputs are made. */
  private filled: number | null = null;
  /** While products are added up: so many are. */
  private added: number | null = null;
  private terms: { x: number; w: number }[] = [];
  private theme: ColorTheme = 'dark';
  private imageShape: [number, number, number] = [1, 1, 1];
  private fieldOf: (row: number, column: number) => Box | null = () => null;

  constructor() {
    this.map.tabIndex = 0;
    this.player = new Player({
      slide: () => this.slide(),
      add: () => this.addNext(),
      ended: () => this.draw(),
    });
    this.root.append(
      element(
        'div',
        { class: 'picture-row' },
        this.imageFigure,
        element('figure', { class: 'large-picture' }, element('div', { class: 'framed' }, this.input, this.field), this.inputNote),
        element('figure', { class: 'large-picture' }, element('div', { class: 'framed' }, this.map, this.cursor), this.mapNote),
      ),
      this.player.root,
      this.sentence,
      this.grid,
      this.running,
    );
    const pick = (e: PointerEvent) => {
      const box = this.map.getBoundingClientRect();
      const [rows, columns] = this.size;
      const clamp = (v: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
      this.moveTo(clamp((e.clientY - box.top) / box.height, rows), clamp((e.clientX - box.left) / box.width, columns));
    };
    this.map.addEventListener('pointermove', pick);
    this.map.addEventListener('pointerdown', pick);
    this.map.addEventListener('keydown', (e) => {
      const moves: Partial<Record<string, [number, number]>> = {
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
      };
      const by = moves[e.key];
      if (!by) return;
      e.preventDefault();
      this.moveTo(Math.max(0, Math.min(this.size[0] - 1, this.at[0] + by[0])), Math.max(0, Math.min(this.size[1] - 1, this.at[1] + by[1])));
    });
  }

  /** @param fieldOf the part of the image that an output is made of; null where that is not known, or is what comes in anyway */
  show(sight: KernelSight, theme: ColorTheme, fieldOf: (row: number, column: number) => Box | null): void {
    this.player.stop();
    this.root.hidden = sight.detail === null;
    if (!sight.detail) return;
    this.theme = theme;
    this.fieldOf = fieldOf;
    this.imageShape = sight.imageShape;
    drawImage(this.image, sight.images[sight.detail.image].pixels, sight.imageShape);
    this.detail = sight.detail;
    this.values = sight.images[sight.detail.image].values;
    this.size = sight.map;
    const [rows, columns] = this.size;
    // The strongest answer is where it begins, until somebody points elsewhere.
    if (!this.isChosen || this.at[0] >= rows || this.at[1] >= columns) {
      const best = this.values.reduce((b, v, i) => (Math.abs(v) > Math.abs(this.values[b]) ? i : b), 0);
      this.at = [Math.floor(best / columns), best % columns];
    }
    this.draw();
  }

  /** To the next position, row by row; the map fills up to it. @returns false at the end */
  private slide(): boolean {
    const [rows, columns] = this.size;
    const next = this.filled === null ? 0 : this.at[0] * columns + this.at[1] + 1;
    if (next >= rows * columns) return false;
    this.at = [Math.floor(next / columns), next % columns];
    this.isChosen = true;
    this.filled = next + 1;
    this.draw();
    return true;
  }

  /** Adds the next product. @returns false when all are added up */
  private addNext(): boolean {
    const count = this.terms.length;
    this.added = this.added === null ? 1 : this.added + 1;
    if (this.added > count) return false;
    this.drawAdded();
    return true;
  }

  /** While products are added up: those that are still to come stand back, and the sum so far is written out. */
  private drawAdded(): void {
    const { added, terms } = this;
    this.grid.querySelectorAll('.term').forEach((cell, i) => {
      cell.classList.toggle('later', added !== null && i >= added);
      cell.classList.toggle('now', added !== null && i === added - 1);
    });
    setHidden(this.running, added === null);
    if (added === null) return;
    const sum = (n: number) => terms.slice(0, n).reduce((s, { x, w }) => s + x * w, 0);
    const { x, w } = terms[Math.min(added, terms.length) - 1];
    setText(this.running, `${formatNumber(sum(added - 1), 3)} + (${formatSigned(x * w, 2)}) = ${formatNumber(sum(added), 3)}`);
  }

  private moveTo(row: number, column: number): void {
    this.player.stop();
    if (row === this.at[0] && column === this.at[1] && this.isChosen) return;
    this.at = [row, column];
    this.isChosen = true;
    this.draw();
  }

  private draw(): void {
    const { detail } = this;
    if (!detail) return;
    const [row, column] = this.at;
    const one = oneOutput(detail, row, column);
    const [rows, columns, channels] = detail.inputShape;
    const channel = one.channelSums.reduce((best, v, c) => (Math.abs(v) > Math.abs(one.channelSums[best]) ? c : best), 0);
    const picture = channels === 3 || channels === 1 ? detail.input : detail.input.filter((_, i) => i % channels === channel);
    drawImage(this.input, picture, [rows, columns, channels === 3 ? 3 : 1]);
    placeFrame(this.field, [one.top / rows, one.left / columns, one.height / rows, one.width / columns]);
    placeFrame(this.cursor, [row / this.size[0], column / this.size[1], 1 / this.size[0], 1 / this.size[1]]);
    const many = channels > 1 && channels !== 3;
    setText(
      this.inputNote,
      many ? `channel ${channel} of ${channels} that come in: the one that counts most here` : 'what comes in, and the part it looks at',
    );
    this.drawField(this.fieldOf(row, column));
    const value = this.values[row * this.size[1] + column];
    setText(this.mapNote, `what it makes of it at row ${row}, column ${column}: ${formatNumber(value, 3)}`);
    setAttribute(this.map, 'aria-label', `What the kernel makes of it, ${mapWords(this.values, this.size)}. Arrow keys move the position.`);
    const terms = (this.terms = one.terms(channel));
    if (!this.player.isPlaying) [this.filled, this.added] = [null, null];
    this.drawMap();
    const scale = terms.reduce((m, t) => Math.max(m, Math.abs(t.x * t.w)), 0);
    const [, kw] = detail.kernelShape;
    this.grid.style.gridTemplateColumns = `repeat(${kw}, auto)`;
    setAttribute(this.grid, 'aria-label', `${terms.length} products of the patch with the kernel${many ? `’s channel ${channel}` : ''}`);
    replaceChildren(
      this.grid,
      ...terms.map(({ x, w }) => {
        const [r, g, b] = signedColor(x * w, scale, this.theme);
        const cell = element(
          'div',
          { class: 'term' },
          element('span', { text: `${formatNumber(x, 2)} × ${formatSigned(w, 2)}` }),
          element('span', { text: formatSigned(x * w, 2) }),
        );
        cell.style.backgroundColor = `rgb(${r}, ${g}, ${b})`;
        cell.style.color = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
        return cell;
      }),
    );
    setText(this.sentence, this.words(one.channelSums, channel, one.sum));
    this.drawAdded();
  }

  /** What the kernel makes of the input; while it slides, only what it has made so far. */
  private drawMap(): void {
    const { filled, values, size, theme } = this;
    drawSigned(this.map, values, size, maxAbs(values), theme);
    if (filled === null) return;
    const context = this.map.getContext('2d');
    const [rows, columns] = size;
    const [row, column] = [Math.floor(filled / columns), filled % columns];
    context?.clearRect(column, row, columns - column, 1);
    context?.clearRect(0, row + 1, columns, rows - row - 1);
  }

  /** What of the image itself has a say in this output. */
  private drawField(box: Box | null): void {
    setHidden(this.imageFigure, box === null);
    if (!box) return;
    const [rows, columns] = this.imageShape;
    const [height, width] = [box.bottom - box.top + 1, box.right - box.left + 1];
    placeFrame(this.imageField, [box.top / rows, box.left / columns, height / rows, width / columns]);
    setText(this.imageNote, `the image: ${height} × ${width} pixels have a say in this output (its receptive field)`);
  }

  private words(sums: Float64Array, channel: number, sum: number): string {
    const { detail, values, size, at } = this;
    if (!detail) return '';
    const shown = values[at[0] * size[1] + at[1]];
    const perChannel =
      sums.length > 1
        ? `channel ${channel} ${formatSigned(sums[channel], 3)}, the other ${sums.length - 1} ${formatSigned(sums.reduce((a, b) => a + b, 0) - sums[channel], 3)}`
        : `products ${formatSigned(sums[0], 4)}`;
    const activation = detail.activation === 'linear' ? '' : `, ${detail.activation} makes it ${formatNumber(shown, 4)}`;
    return `Patch times kernel, number by number: ${perChannel}, bias ${formatSigned(detail.bias, 3)}: together ${formatSigned(sum, 4)}${activation}.`;
  }
}
