import type { KernelAnalysis, KernelFinding } from '../../src/common/kernelAnalysis';
import { twinsByChance } from '../../src/insight/cosineByChance';
import type { PanelContext } from '../panel/context';
import { element, replaceChildren, setText } from '../ui/dom';
import { formatNumber, formatPlural, formatSigned } from '../ui/format';
import { AnswerCard } from './answerCard';
import { expectedWords } from './edgeWords';
import type { AnalysedLayer } from './layerAnalysis';
import { MergePart } from './mergePart';

/** From this |cosine| on two kernels are called twins. */
const TWINS = 0.95;

interface Line {
  what: string;
  now: string;
  start: string;
  /** Of as many random kernels. */
  chance: string;
  meaning: string;
}

/** How different the kernels are from one another, beside the same numbers of the random start. */
export class DifferenceAnswer {
  readonly card: AnswerCard;
  private readonly sentence = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly pair = element('p');
  private readonly merge: MergePart;
  private readonly note = element('p', { class: 'hint' });

  constructor(
    private readonly context: PanelContext,
    onToggle: (id: string, isOpen: boolean) => void,
  ) {
    this.card = new AnswerCard('difference', 'Are they really different from one another?', onToggle);
    this.merge = new MergePart(context);
    this.card.body.append(this.sentence, this.table, this.pair, this.merge.root, this.note);
  }

  draw(layer: AnalysedLayer): void {
    const { now, start, step } = layer;
    const { shape, item, hasEdges } = layer.kernels;
    const n = now.kernels.length;
    const [kh, kw, cin] = shape;
    const d = kh * kw * cin;
    const most = Math.min(n, d);
    const { summary } = now;
    const origin = this.context.run.model?.loadedFrom === undefined ? 'random start' : 'start';
    const before = start && step > 0 ? `; the ${origin} counted as ${formatNumber(start.summary.effectiveKernels, 3)}` : '';
    const chance = `${n} random ones would count as ${formatNumber(summary.chanceEffectiveKernels, 3)}`;
    const counted = `count as ${formatNumber(summary.effectiveKernels, 3)} different ones`;
    this.card.setShort(`${formatPlural(n, item)} ${counted}${before || `; ${chance}`}.`);
    if (!this.card.root.open) return;
    setText(
      this.sentence,
      `${formatPlural(n, item)} of ${formatPlural(d, 'number')} can be at most ${most} independent directions. By the spread of their directions these ${counted}${before}; ${chance}. The fewer, the more they repeat one another.`,
    );
    const first = step > 0 ? start : null;
    const lines = linesOf(now, first, hasEdges, d);
    const row = (tag: 'th' | 'td', cells: string[], title = '') =>
      element(
        'tr',
        { title },
        ...cells.map((text, i) =>
          element(i === 0 ? 'th' : tag, { text, attributes: { scope: tag === 'th' ? 'col' : i === 0 ? 'row' : null } }),
        ),
      );
    replaceChildren(
      this.table,
      row('th', ['', 'now', ...(first ? ['at the start'] : []), 'by chance']),
      ...lines.map((l) => row('td', [l.what, l.now, ...(first ? [l.start] : []), l.chance], l.meaning)),
    );
    this.drawPair(now, first, item);
    this.merge.draw(layer);
    setText(
      this.note,
      `Cosine 1: the same pattern, −1: its negative, 0: nothing in common. Random directions in ${d} dimensions have a mean |cosine| of ${formatNumber(summary.chanceMeanAbsCosine, 3)}. Computed from the weights after step ${step}.`,
    );
  }

  private drawPair(now: KernelAnalysis, start: KernelAnalysis | null, item: string): void {
    const pair = closest(now.kernels);
    if (!pair) return this.pair.replaceChildren();
    const before = start && closest(start.kernels);
    const link = (index: number) =>
      element('button', {
        class: 'link',
        text: `${item} ${index}`,
        attributes: { type: 'button' },
        on: { click: () => this.context.change({ open: index, place: 0 }) },
      });
    const chance = before ? ` At the start the closest two had ${formatSigned(before.cosine, 2)}.` : '';
    replaceChildren(this.pair, 'Closest: ', link(pair.a), ' and ', link(pair.b), `, cosine ${formatSigned(pair.cosine, 2)}.${chance}`);
  }
}

/** @param d weights of a kernel */
function linesOf(now: KernelAnalysis, start: KernelAnalysis | null, hasSlices: boolean, d: number): Line[] {
  const of = (get: (a: KernelAnalysis) => string) => ({ now: get(now), start: start ? get(start) : '' });
  const lines: Line[] = [
    {
      what: 'different in effect',
      meaning: 'Effective rank: exp of the entropy of the eigenvalues of all cosines',
      chance: formatNumber(now.summary.chanceEffectiveKernels, 3),
      ...of((a) => formatNumber(a.summary.effectiveKernels, 3)),
    },
    {
      what: 'mean |cosine| of pairs',
      meaning: 'How alike two of them are on average, the sign aside',
      chance: formatNumber(now.summary.chanceMeanAbsCosine, 2),
      ...of((a) => formatNumber(a.summary.meanAbsCosine, 2)),
    },
    {
      what: 'orthogonality',
      meaning: '1: all at right angles; 0: all parallel (CNN Filter DB)',
      chance: formatNumber(1 - now.summary.chanceMeanAbsCosine, 2),
      ...of((a) => formatNumber(a.summary.orthogonality, 2)),
    },
    {
      what: `with a twin (|cosine| ≥ ${TWINS})`,
      meaning: 'Kernels that nearly repeat another one, or its negative',
      chance: expectedWords(twinsByChance(TWINS, now.kernels.length, d)),
      ...of((a) => String(a.kernels.filter((k) => k.nearest && Math.abs(k.nearest.cosine) >= TWINS).length)),
    },
  ];
  if (hasSlices)
    lines.push({
      what: 'nearly empty slices',
      meaning: 'Share of slices whose largest weight is below 1 % of the layer’s (CNN Filter DB: sparsity)',
      chance: '0 %',
      ...of((a) => `${formatNumber(a.summary.sparsity * 100, 2)} %`),
    });
  if (now.summary.varianceEntropyRatio !== null)
    lines.push({
      what: 'variance entropy ÷ random’s',
      meaning: 'About 0.9 is usual in well-trained networks, near 0 is redundant, above 1 is like random (CNN Filter DB)',
      chance: '1 or more',
      ...of((a) => (a.summary.varianceEntropyRatio === null ? '–' : formatNumber(a.summary.varianceEntropyRatio, 3))),
    });
  return lines;
}

function closest(kernels: KernelFinding[]): { a: number; b: number; cosine: number } | null {
  let best: { a: number; b: number; cosine: number } | null = null;
  for (const { index, nearest } of kernels) {
    if (!nearest || (best && Math.abs(nearest.cosine) <= Math.abs(best.cosine))) continue;
    best = { a: index, b: nearest.index, cosine: nearest.cosine };
  }
  return best;
}
