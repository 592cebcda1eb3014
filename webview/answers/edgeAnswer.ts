import type { AtlasHit } from '../../src/common/atlasLayout';
import type { KernelAnalysis, KernelFinding } from '../../src/common/kernelAnalysis';
import { AtlasView } from '../kernels/atlasView';
import type { PanelContext } from '../panel/context';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatNumber, formatPlural } from '../ui/format';
import { AnswerCard } from './answerCard';
import { chanceWords, edgeArrow } from './edgeWords';
import type { AnalysedLayer } from './layerAnalysis';

const CLASSES: [KernelFinding['kernelClass'], string][] = [
  ['edge', 'edge: one side bright, the other dark'],
  ['line', 'line or centre-surround'],
  ['blob', 'blob: all of one sign'],
  ['flat', 'flat: nearly zero'],
  ['none', 'none of these'],
];

/** Is there an edge filter, and was one guaranteed? Counts, beside what as many random kernels would give. */
export class EdgeAnswer {
  readonly card: AnswerCard;
  private readonly sentence = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly caption = element('p', { class: 'hint' });
  private readonly atlas: AtlasView;
  private readonly caveat = element('p', { class: 'hint' });
  private findings: KernelFinding[] = [];
  private order: number[] = [];
  private orderKey = '';

  constructor(
    private readonly context: PanelContext,
    onToggle: (id: string, isOpen: boolean) => void,
  ) {
    this.card = new AnswerCard('edges', 'Is there an edge filter? Was one guaranteed?', onToggle);
    this.atlas = new AtlasView({
      tooltip: context.tooltip,
      requestDraw: context.requestDraw,
      onOpen: (filter) => context.change({ open: filter, place: 0 }),
      describe: (hit) => this.describe(hit),
    });
    this.card.body.append(this.sentence, this.table, this.caption, this.atlas.root, this.caveat);
  }

  draw({ now, start, values, kernels: { shape }, step }: AnalysedLayer): void {
    const { summary, kernels } = now;
    const isMore = summary.pValue < 0.01;
    const few = summary.edges === 0 ? 'No' : isMore ? 'Yes' : 'Not more than chance';
    this.card.setShort(
      `${few}: ${summary.edges} of ${kernels.length}; chance alone would give ${formatNumber(summary.expectedByChance, 2)}.`,
    );
    if (!this.card.root.open) return;
    const before = start && step > 0 ? ` Before training it was ${start.summary.edges}: nothing in the initialiser guarantees one.` : '';
    setText(this.sentence, `${summary.sentence}${before}`);
    this.drawTable(now, step > 0 ? start : null);
    this.findings = kernels;
    const edges = kernels.filter((k) => k.kernelClass === 'edge').sort((a, b) => a.chance - b.chance);
    const key = edges.map((k) => k.index).join();
    if (key !== this.orderKey) {
      this.orderKey = key;
      this.order = edges.map((k) => k.index);
    }
    setHidden(this.atlas.root, edges.length === 0);
    setHidden(this.caption, edges.length === 0);
    setText(this.caption, `The ${formatPlural(edges.length, 'edge filter')}, the least likely by chance first. Click one for its numbers.`);
    if (edges.length > 0) this.drawEdges(values, shape);
    const [, , cin] = shape;
    const channels = cin > 1 ? ` Kernels with several input channels are judged by the sum over their ${cin} channels.` : '';
    setText(
      this.caveat,
      `A kernel counts as an edge when a tilted plane explains so much of it that only 1 in 100 random kernels of ${shape[0]} × ${shape[1]} does as well.${channels} Computed from the weights after step ${step}.`,
    );
  }

  private drawTable({ kernels }: KernelAnalysis, start: KernelAnalysis | null): void {
    const count = (list: KernelFinding[], kind: string) => list.filter((k) => k.kernelClass === kind).length;
    const row = (tag: 'th' | 'td', ...cells: string[]) =>
      element(
        'tr',
        {},
        ...cells.map((text, i) =>
          element(i === 0 ? 'th' : tag, { text, attributes: { scope: tag === 'th' ? 'col' : i === 0 ? 'row' : null } }),
        ),
      );
    replaceChildren(
      this.table,
      row('th', 'looks like', 'now', ...(start ? ['at the start'] : [])),
      ...CLASSES.map(([kind, label]) =>
        row('td', label, String(count(kernels, kind)), ...(start ? [String(count(start.kernels, kind))] : [])),
      ),
    );
  }

  private drawEdges(values: Float32Array, shape: number[]): void {
    const view: WeightView = { shape, kind: 'conv', item: 'kernel', unfolded: null };
    this.atlas.show({
      view,
      values,
      scaleFor: niceCeiling,
      theme: this.context.theme,
      mode: shape[2] > 1 ? 'mean' : 'channels',
      order: this.order,
      zoom: 0,
      fitHeight: 120,
      label: 'Kernels that are edge filters. Enter opens one.',
      selected: this.context.intent.open,
    });
  }

  private describe({ filter }: AtlasHit): { title: string; rows: [string, string][] } {
    const finding = this.findings[filter];
    if (!finding || finding.orientation === null) return { title: `kernel ${filter}`, rows: [] };
    return {
      title: `kernel ${filter}: edge ${edgeArrow(finding.orientation)}`,
      rows: [
        ['a plane explains', `${formatNumber(finding.edgeScore * 100, 3)} %`],
        ['random kernels as good', chanceWords(finding.chance)],
      ],
    };
  }
}
