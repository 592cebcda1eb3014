import { maxAbs, statistics } from '../../src/common/stats';
import type { WeightTensor } from '../../src/common/weightFile';
import { NumberTable } from '../inspector/numberTable';
import { tilePages } from '../inspector/tileSlice';
import { gather, tileCount, tileOffsets } from '../kernels/kernelMeasures';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { icon, type IconName } from '../ui/icons';
import { KernelFilm } from './kernelFilm';
import { storedIndex } from './tensorText';
import type { TileDisplay, TileSection } from './tileSection';
import type { WeightsContext } from './weightsContext';

/** One kernel, opened: its numbers channel by channel, in both files of a comparison, and through a film. */
export class KernelInspector {
  readonly root = element('aside', { class: 'inspector', attributes: { hidden: true } });
  private readonly title = element('h2', { class: 'section-title' });
  private readonly summary = element('p', { class: 'explain' });
  private readonly pager = element('div', { class: 'pager' });
  private readonly pageName = element('span', { class: 'page-name' });
  private readonly tables = element('div', { class: 'tables' });
  private readonly where = element('p', { class: 'hint' });
  private readonly numberTables: NumberTable[] = [];
  private readonly film: KernelFilm;
  private turnPage: (by: number) => void = () => {};
  private place: (index: number) => void = () => {};

  constructor(
    private readonly context: WeightsContext,
    private readonly section: TileSection,
  ) {
    const turn = (by: number): void => {
      const tiles = section.pictures[0]?.tiles;
      if (!tiles) return;
      const count = tileCount(section.viewOf(tiles));
      context.change({ open: ((context.intent.open ?? 0) + by + count) % count });
    };
    const close = (): void => {
      const { open } = context.intent;
      context.change({ open: null });
      if (open !== null) section.focusTile(open);
    };
    const button = (label: string, name: IconName, onPress: () => void): HTMLElement =>
      element(
        'button',
        { class: 'icon-button', title: label, attributes: { type: 'button', 'aria-label': label }, on: { click: onPress } },
        icon(name),
      );
    this.film = new KernelFilm(context);
    this.root.addEventListener('keydown', (e) => {
      if (e.key === 'Escape') close();
    });
    this.pager.append(
      button('Previous channel', 'previous', () => this.turnPage(-1)),
      this.pageName,
      button('Next channel', 'next', () => this.turnPage(1)),
    );
    const buttons = element(
      'div',
      { class: 'button-row' },
      button('Previous kernel', 'previous', () => turn(-1)),
      button('Next kernel', 'next', () => turn(1)),
      button('Close', 'close', close),
    );
    this.root.append(
      element('div', { class: 'inspector-head' }, this.title, buttons),
      this.summary,
      this.pager,
      this.tables,
      this.where,
      this.film.root,
    );
  }

  draw(tensor: WeightTensor | null, display: TileDisplay | null): void {
    const { context } = this;
    const { intent } = context;
    const pictures = display?.kind === 'kernels' ? this.section.pictures : [];
    const main = pictures[0]?.tiles;
    const view = main && this.section.viewOf(main);
    const isOpen = tensor !== null && !!main && !!view && intent.open !== null && intent.open < tileCount(view);
    setHidden(this.root, !isOpen);
    if (!isOpen || intent.open === null || display?.kind !== 'kernels') return;
    const filter = main.first + intent.open;
    const title = `kernel ${filter} of ${main.filters}`;
    setText(this.title, title);
    this.root.setAttribute('aria-label', title);
    const offsets = tileOffsets(view, intent.open);
    const pages = tilePages(view, offsets.length);
    const place = Math.min(intent.place, offsets.length - 1);
    const page = pages.pageOf(place);
    const places = pages.places(page);
    this.turnPage = (by) => {
      const next = pages.places((page + by + pages.count) % pages.count);
      context.change({ place: next[Math.min(places.indexOf(place), next.length - 1)] });
    };
    this.place = (index) => context.change({ place: places[index] });
    setHidden(this.pager, pages.count < 2);
    setText(this.pageName, pages.pageName(page));
    const onPage = Uint32Array.from(places, (p) => offsets[p]);
    while (this.numberTables.length < pictures.length) {
      const table = new NumberTable((index) => this.place(index));
      this.numberTables.push(table);
      this.tables.append(table.root);
    }
    this.numberTables.forEach((table, i) => {
      setHidden(table.root, i >= pictures.length);
      if (i >= pictures.length) return;
      const { field, tiles } = pictures[i];
      table.show({
        caption: pictures.length > 1 ? ['First file', 'Second file', 'Difference'][i] : field.isDifference ? field.label : 'Weights',
        values: gather(tiles.values, onPage),
        columns: pages.columns,
        scale: niceCeiling(maxAbs(gather(tiles.values, offsets))),
        theme: context.theme,
        chosen: places.indexOf(place),
        nameOf: (at) => `${field.label} at ${pages.nameOf(places[at])}`,
      });
    });
    const own = statistics(gather(main.values, offsets));
    const parts = [
      `${offsets.length} weights from ${formatSigned(own.min, 3)} to ${formatSigned(own.max, 3)}, mean ${formatSigned(own.mean, 2)}, L2 norm ${formatNumber(own.norm, 3)}.`,
    ];
    if (pictures.length === 3) parts.push(differenceText(gather(pictures[2].tiles.values, offsets)));
    setText(this.summary, parts.join(' '));
    const [kh, kw, cin] = main.shape;
    const [at, channel] = [Math.floor(place / cin), place % cin];
    const index = storedIndex(tensor.shape, display.layout, filter, Math.min(kh - 1, Math.floor(at / kw)), at % kw, channel);
    setText(this.where, `The chosen weight is ${index} of the tensor as stored.`);
    this.film.draw(tensor, display.layout, filter, [kh, kw, cin]);
  }
}

function differenceText(difference: Float32Array): string {
  const { norm } = statistics(difference);
  const changed = difference.reduce((n, v) => n + (v === 0 ? 0 : 1), 0);
  return changed === 0
    ? 'It is identical in both files.'
    : `${changed} of them differ, at most by ${formatNumber(maxAbs(difference), 3)}; the difference has the L2 norm ${formatNumber(norm, 3)}.`;
}
