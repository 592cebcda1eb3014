import type { AtlasMode } from '../../src/common/kernelLayout';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount } from '../ui/format';
import { plainChoice } from '../ui/nativeControls';
import { VECTOR_PAGE } from './tileFields';
import type { TileSort, WeightsContext } from './weightsContext';
import type { Tiles } from './weightsData';

const MODES: { value: AtlasMode; label: string }[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'channels', label: 'All side by side' },
  { value: 'norm', label: 'Norm over channels' },
  { value: 'mean', label: 'Mean over channels' },
  { value: 'strongest', label: 'Strongest channel' },
];
const SORTS: { value: TileSort; label: string }[] = [
  { value: 'index', label: 'Index' },
  { value: 'norm', label: 'Size (L2 norm)' },
  { value: 'change', label: 'Changed most' },
];

/** How tiles are drawn and ordered, and which part of a tensor with very many. */
export class TileControls {
  readonly root = element('div', { class: 'control-row quiet' });
  private readonly mode;
  private readonly sort;
  private readonly clip = element('input', { attributes: { type: 'checkbox' } });
  private readonly clipField: HTMLElement;
  private readonly pager = element('span', { class: 'pager' });
  private readonly page = element('span');
  private shown: Tiles | null = null;

  constructor(context: WeightsContext) {
    this.mode = plainChoice<AtlasMode>('Channels', [...MODES, { value: 'rgb', label: 'Colour picture' }], (mode) =>
      context.change({ mode }),
    );
    this.sort = plainChoice<TileSort>('Sort by', SORTS, (sort) => context.change({ sort }));
    this.clip.addEventListener('change', () => context.change({ isClipped: this.clip.checked }));
    this.clipField = element(
      'label',
      { class: 'field', title: 'End the colours where 99.5 % of the values lie, so that a few large ones do not make the rest pale' },
      this.clip,
      'Clip outliers',
    );
    const turn = (by: number) => {
      const tiles = this.shown;
      if (!tiles) return;
      const count = tiles.shape[tiles.shape.length - 1];
      const last = Math.max(0, tiles.filters - 1);
      context.change({
        first: Math.max(0, Math.min(last, tiles.first + by * (by < 0 && tiles.shape.length === 1 ? VECTOR_PAGE : count))),
        open: null,
      });
    };
    const button = (text: string, label: string, onClick: () => void) =>
      element('button', { class: 'zoom', text, title: label, attributes: { type: 'button', 'aria-label': label }, on: { click: onClick } });
    this.pager.append(
      button('‹', 'Those before', () => turn(-1)),
      this.page,
      button('›', 'Those after', () => turn(1)),
    );
    const zoom = (text: string, label: string, by: number) =>
      button(text, label, () => context.change({ zoom: Math.max(-6, Math.min(10, context.intent.zoom + by)) }));
    this.root.append(
      this.mode.root,
      this.sort.root,
      element('div', { class: 'zoom-pair' }, zoom('−', 'Smaller tiles', -1), zoom('+', 'Larger tiles', 1)),
      this.clipField,
      this.pager,
    );
    this.context = context;
  }

  private readonly context: WeightsContext;

  /** @param tiles what is shown; null: nothing yet */
  set(tiles: Tiles | null, hasChange: boolean): void {
    this.shown = tiles;
    const { intent } = this.context;
    const isKernels = tiles?.shape.length === 4;
    setHidden(this.mode.root, !isKernels || tiles.shape[2] === 1);
    this.mode.set(intent.mode);
    setHidden(this.sort.root, !isKernels);
    this.sort.set(intent.sort);
    const change = this.sort.root.querySelector<HTMLOptionElement>('option[value="change"]');
    if (change) change.disabled = !hasChange;
    this.clip.checked = intent.isClipped;
    const count = tiles ? tiles.shape[tiles.shape.length - 1] : 0;
    setHidden(this.pager, !tiles || count === tiles.filters);
    if (tiles) setText(this.page, `${formatCount(tiles.first)} … ${formatCount(tiles.first + count - 1)} of ${formatCount(tiles.filters)}`);
  }
}
