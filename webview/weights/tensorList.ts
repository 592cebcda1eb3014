import { tensorLength, type WeightTensor } from '../../src/common/weightFile';
import { element, replaceChildren, setAttribute, setHidden, setText } from '../ui/dom';
import { formatPlural } from '../ui/format';
import { plainChoice } from '../ui/nativeControls';
import { shapeText, stateText } from './tensorText';
import type { ListOrder, WeightsContext } from './weightsContext';

const ROW = 40;
const ORDERS: { value: ListOrder; label: string }[] = [
  { value: 'file', label: 'File order' },
  { value: 'name', label: 'Name' },
  { value: 'size', label: 'Largest first' },
];
const CHANGED: { value: ListOrder; label: string } = { value: 'change', label: 'Changed most' };
const byName = new Intl.Collator('en', { numeric: true });

/** The tensors of the file (of both, in a comparison), to be filtered, sorted and chosen. Only the rows in sight are in the document. */
export class TensorList {
  readonly root = element('section', { class: 'tensors', attributes: { 'aria-label': 'Tensors' } });
  private readonly filter = element('input', {
    class: 'filter',
    attributes: { type: 'search', placeholder: 'Filter: name, role, dtype, 3×3 …', 'aria-label': 'Filter tensors', spellcheck: 'false' },
  });
  private readonly count = element('span', { class: 'list-count', attributes: { role: 'status' } });
  private readonly common = element('p', { class: 'list-common' });
  private readonly none = element('p', { class: 'empty-text', attributes: { hidden: true } });
  private readonly scroller = element('div', { class: 'list-rows', attributes: { role: 'listbox', tabindex: 0, 'aria-label': 'Tensors' } });
  private readonly space = element('div', { class: 'list-space' });
  private readonly order;
  private items: WeightTensor[] = [];
  private key = '';
  private prefix = '';
  private rows = new Map<number, HTMLElement>();
  private selected: string | null = null;

  constructor(
    private readonly context: WeightsContext,
    isComparison: boolean,
  ) {
    this.order = plainChoice<ListOrder>('Sort by', isComparison ? [CHANGED, ...ORDERS] : ORDERS, (order) => context.change({ order }));
    this.filter.addEventListener('input', () => context.change({ filter: this.filter.value }));
    this.filter.addEventListener('keydown', (e) => {
      if (e.key === 'ArrowDown') {
        e.preventDefault();
        this.scroller.focus();
      }
    });
    this.scroller.append(this.space);
    this.scroller.addEventListener('scroll', () => this.fill(), { passive: true });
    new ResizeObserver(() => this.fill()).observe(this.scroller);
    this.scroller.addEventListener('keydown', (e) => this.didPress(e));
    this.scroller.addEventListener('click', (e) => {
      const row = (e.target as HTMLElement).closest<HTMLElement>('.list-row');
      if (row) this.choose(Number(row.dataset.index));
    });
    const head = element('div', { class: 'list-head' }, this.count, this.order.root);
    this.root.append(this.filter, head, this.common, this.none, this.scroller);
  }

  draw(): void {
    const { intent } = this.context;
    if (this.filter.value !== intent.filter && document.activeElement !== this.filter) this.filter.value = intent.filter;
    this.order.set(intent.order);
    const all = this.tensors();
    const key = JSON.stringify([intent.filter, intent.order, this.context.data.snapshot?.generation, all.length, all[0]?.name]);
    // While differences come in, the order changes with each of them; what is looked at stays in sight.
    const isNew = key !== this.key;
    const items =
      isNew || intent.order === 'change'
        ? sorted(all.filter(matcher(intent.filter)), intent.order, (name) => this.context.comparison.weightOf(name))
        : this.items;
    if (isNew || items.some((t, i) => t !== this.items[i])) {
      this.key = key;
      this.items = items;
      this.prefix = commonPrefix(all);
      setText(this.count, all.length === this.items.length ? formatPlural(all.length, 'tensor') : `${this.items.length} of ${all.length}`);
      setText(this.common, this.prefix ? `all in ${this.prefix}` : '');
      setHidden(this.common, !this.prefix);
      setHidden(this.none, this.items.length > 0);
      setText(this.none, all.length === 0 ? 'This file holds no tensors.' : 'No tensor fits the filter.');
      this.space.style.height = `${this.items.length * ROW}px`;
      for (const row of this.rows.values()) row.remove();
      this.rows.clear();
      if (isNew) this.reveal();
    }
    if (this.context.tensor?.name !== this.selected) {
      this.selected = this.context.tensor?.name ?? null;
      this.reveal();
    }
    this.fill();
  }

  private tensors(): WeightTensor[] {
    const { data, comparison, intent } = this.context;
    if (data.snapshot?.mode === 'compare') return comparison.pairs.map((p) => (p.a ?? p.b) as WeightTensor);
    return (data.file(intent.file)?.info ?? data.snapshot?.files.find((f) => f.info)?.info)?.tensors ?? [];
  }

  private fill(): void {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - 2);
    const last = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / ROW) + 2);
    for (const [i, row] of this.rows)
      if (i < first || i >= last) {
        row.remove();
        this.rows.delete(i);
      }
    for (let i = first; i < last; i++) {
      const row = this.rows.get(i) ?? this.makeRow(i);
      this.dress(row, this.items[i]);
    }
    const at = this.items.findIndex((t) => t.name === this.selected);
    setAttribute(this.scroller, 'aria-activedescendant', at >= first && at < last ? `tensor-${at}` : null);
  }

  private makeRow(index: number): HTMLElement {
    const { name } = this.items[index];
    const rest = name.slice(this.prefix.length);
    const cut = Math.max(rest.lastIndexOf('/', rest.length - 2), rest.lastIndexOf('.', rest.length - 2)) + 1;
    const row = element(
      'div',
      {
        class: 'list-row',
        title: name,
        attributes: {
          role: 'option',
          id: `tensor-${index}`,
          'data-index': index,
          'data-name': name,
          'aria-posinset': index + 1,
          'aria-setsize': this.items.length,
        },
      },
      element(
        'span',
        { class: 'row-name' },
        element('span', { class: 'row-path' }, element('bdi', { text: rest.slice(0, cut) })),
        element('span', { class: 'row-leaf', text: rest.slice(cut) }),
      ),
      element('span', { class: 'row-note' }),
    );
    row.style.top = `${index * ROW}px`;
    this.rows.set(index, row);
    this.space.append(row);
    return row;
  }

  private dress(row: HTMLElement, tensor: WeightTensor): void {
    const { data, comparison } = this.context;
    setAttribute(row, 'aria-selected', String(tensor.name === this.selected));
    const note = row.lastElementChild as HTMLElement;
    const parts = [shapeText(tensor.shape)];
    if (data.snapshot?.mode === 'compare') {
      const state = comparison.stateOf(tensor.name);
      parts.push(stateText(state, comparison.isRunning));
      const isEqual = state.kind === 'difference' && state.difference.isEqual;
      setAttribute(row, 'data-state', state.kind === 'difference' ? (isEqual ? 'equal' : 'changed') : state.kind);
    } else parts.push(tensor.dtype, ...(tensor.role === 'other' ? [] : [tensor.role]));
    setText(note, parts.join(' · '));
  }

  private choose(index: number): void {
    const tensor = this.items[index];
    if (tensor) this.context.change({ tensor: tensor.name, open: null, place: 0, first: 0 });
  }

  private didPress(event: KeyboardEvent): void {
    const at = this.items.findIndex((t) => t.name === this.selected);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 1);
    const last = this.items.length - 1;
    const target: Partial<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: Math.max(0, at - page),
      PageDown: Math.min(last, at + page),
      Home: 0,
      End: last,
    };
    const index = target[event.key];
    if (index === undefined) return;
    event.preventDefault();
    if (index >= 0 && index <= last) this.choose(index);
  }

  private reveal(): void {
    const at = this.items.findIndex((t) => t.name === this.selected);
    if (at < 0) return;
    const { scrollTop, clientHeight } = this.scroller;
    if (at * ROW < scrollTop) this.scroller.scrollTop = at * ROW;
    else if ((at + 1) * ROW > scrollTop + clientHeight) this.scroller.scrollTop = (at + 1) * ROW - clientHeight;
  }
}

/** The model's operations in order; choosing one chooses its first tensor. */
export class GraphList {
  readonly root = element('div', { class: 'graph', attributes: { role: 'list', 'aria-label': 'Operations of the model, in order' } });
  private key = '';

  constructor(private readonly context: WeightsContext) {}

  draw(): void {
    const { data, intent, tensor } = this.context;
    const graph = data.file(intent.file)?.info?.graph ?? [];
    const key = JSON.stringify([data.snapshot?.generation, intent.file, intent.filter, graph.length, tensor?.name]);
    if (key === this.key) return;
    this.key = key;
    const word = intent.filter.trim().toLowerCase();
    const shown = graph.filter((n) => !word || `${n.name} ${n.op}`.toLowerCase().includes(word)).slice(0, 2000);
    replaceChildren(
      this.root,
      ...shown.map((node) => {
        const own = tensor !== null && node.tensors.includes(tensor.name);
        const row = element(
          node.tensors.length > 0 ? 'button' : 'div',
          { class: 'graph-node', title: node.name, attributes: { role: 'listitem', 'data-own': own } },
          element('span', { class: 'graph-op', text: node.op }),
          element('span', { class: 'row-path', text: node.name }),
          element('span', {
            class: 'row-note',
            text: [
              node.inputs.length > 0 ? `after ${node.inputs.join(', ')}` : 'takes the model’s input',
              node.tensors.length > 0 && formatPlural(node.tensors.length, 'tensor'),
            ]
              .filter(Boolean)
              .join(' · '),
          }),
        );
        if (node.tensors.length > 0)
          row.addEventListener('click', () => this.context.change({ tensor: node.tensors[0], open: null, place: 0, first: 0 }));
        return row;
      }),
    );
  }
}

/** Every word of the filter must be in the name, the role, the dtype or the shape (`3x3`, `3×3`). */
function matcher(filter: string): (t: WeightTensor) => boolean {
  const words = filter.toLowerCase().replaceAll('×', 'x').split(/\s+/).filter(Boolean);
  return (t) => {
    const text = `${t.name} ${t.role} ${t.dtype} ${t.layout ?? ''} ${t.shape.join('x')} ${t.layer ?? ''}`.toLowerCase();
    return words.every((w) => text.includes(w));
  };
}

function sorted(tensors: WeightTensor[], order: ListOrder, changeOf: (name: string) => number): WeightTensor[] {
  if (order === 'name') tensors.sort((a, b) => byName.compare(a.name, b.name));
  if (order === 'size') tensors.sort((a, b) => tensorLength(b) - tensorLength(a));
  if (order === 'change') {
    const changes = new Map(tensors.map((t) => [t, changeOf(t.name)]));
    tensors.sort((a, b) => compare(changes.get(b) as number, changes.get(a) as number));
  }
  return tensors;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What all names begin with, up to a separator. */
function commonPrefix(tensors: readonly WeightTensor[]): string {
  if (tensors.length < 2) return '';
  let prefix = tensors[0].name;
  for (const { name } of tensors) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, Math.max(prefix.lastIndexOf('/'), prefix.lastIndexOf('.')) + 1);
}
