import { maxAbs, statistics } from '../../src/common/stats';
import { gather, tileOffsets } from '../kernels/kernelMeasures';
import type { PanelContext } from '../panel/context';
import { FIELD_LABELS, fieldValues, type Field } from '../run/fields';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { commandButton } from '../ui/controls';
import { NumberTable } from './numberTable';
import { tilePages, type TilePages } from './tileSlice';

const FIELDS: Field[] = ['weight', 'gradient', 'update'];

/** A kernel's numbers: weight, gradient and update side by side, and what sums them up. */
export class NumbersPart {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'Numbers' } });
  private readonly pager = element('div', { class: 'pager' });
  private readonly pageName = element('span', { class: 'page-name' });
  private readonly summary = element('p', { class: 'explain' });
  private readonly tables: Record<string, NumberTable> = {};
  private pages: TilePages | null = null;

  constructor(private readonly context: PanelContext) {
    const turn = (by: number) => {
      const { pages } = this;
      if (!pages) return;
      const page = (pages.pageOf(context.intent.place) + by + pages.count) % pages.count;
      const within = pages.places(pages.pageOf(context.intent.place)).indexOf(context.intent.place);
      const places = pages.places(page);
      context.change({ place: places[Math.min(within, places.length - 1)] });
    };
    const previous = commandButton({ label: 'Previous channel', kind: 'icon', icon: 'previous', onPress: () => turn(-1) });
    const next = commandButton({ label: 'Next channel', kind: 'icon', icon: 'next', onPress: () => turn(1) });
    this.pager.append(previous.root, this.pageName, next.root);
    const tables = element('div', { class: 'tables' });
    for (const field of FIELDS) {
      this.tables[field] = new NumberTable((index) => {
        const page = this.pages?.places(this.pages.pageOf(context.intent.place));
        if (page) context.change({ place: page[index] });
      });
      tables.append(this.tables[field].root);
    }
    this.root.append(this.summary, this.pager, tables);
  }

  draw(view: WeightView, filter: number): void {
    const { run, layer, weight, intent, theme } = this.context;
    if (!layer || !weight) return;
    const offsets = tileOffsets(view, filter);
    const pages = (this.pages = tilePages(view, offsets.length));
    const place = Math.min(intent.place, offsets.length - 1);
    const page = pages.pageOf(place);
    const places = pages.places(page);
    setHidden(this.pager, pages.count < 2);
    setText(this.pageName, pages.pageName(page));
    const onPage = Uint32Array.from(places, (p) => offsets[p]);
    for (const field of FIELDS) {
      const { values } = fieldValues(run, field, layer, weight);
      setHidden(this.tables[field].root, !values);
      if (!values) continue;
      this.tables[field].show({
        caption: FIELD_LABELS[field],
        values: gather(values, onPage),
        columns: pages.columns,
        scale: niceCeiling(maxAbs(values)),
        theme,
        chosen: places.indexOf(place),
        nameOf: (i) => `${FIELD_LABELS[field]} at ${pages.nameOf(places[i])}`,
      });
    }
    setText(this.summary, this.summaryText(view, offsets));
  }

  private summaryText(view: WeightView, offsets: Uint32Array): string {
    const { run, layer, weight } = this.context;
    if (!layer || !weight) return '';
    const of = (field: Field) => {
      const { values } = fieldValues(run, field, layer, weight);
      return values && gather(values, offsets);
    };
    const [now, change, gradient] = [of('weight'), of('change'), of('gradient')];
    if (!now) return '';
    if (offsets.length === 1) {
      const moved = change && (run.shown?.step ?? 0) > 0 ? `, ${formatSigned(change[0], 3)} since the start` : '';
      return `This ${view.item} is ${formatSigned(now[0])}${moved}.`;
    }
    const s = statistics(now);
    const parts = [
      `${offsets.length} weights from ${formatSigned(s.min, 3)} to ${formatSigned(s.max, 3)}, mean ${formatSigned(s.mean, 2)}, L2 norm ${formatNumber(s.norm, 3)}.`,
    ];
    if (change && (run.shown?.step ?? 0) > 0) {
      const cosine = cosineToStart(now, change);
      parts.push(
        `It has moved ${formatNumber(statistics(change).norm, 3)} from its start${cosine === null ? '' : ` (cosine to it ${formatNumber(cosine, 3)})`}.`,
      );
    }
    if (gradient && maxAbs(gradient) === 0) parts.push('It got no gradient from this batch.');
    return parts.join(' ');
  }
}

/** Cosine between a kernel now and at the start, which is now − change; null when one of them is zero. */
function cosineToStart(now: Float32Array, change: Float32Array): number | null {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < now.length; i++) {
    const start = now[i] - change[i];
    dot += now[i] * start;
    a += now[i] * now[i];
    b += start * start;
  }
  return a > 0 && b > 0 ? dot / Math.sqrt(a * b) : null;
}
