import type { AtlasHit } from '../../src/common/atlasLayout';
import type { KernelAnalysis, KernelFinding } from '../../src/common/kernelAnalysis';
import { classByChance } from '../../src/insight/classByChance';
import { SMALLEST_GABOR } from '../../src/insight/gaborFit';
import { rankCorrelation } from '../../src/insight/rankCorrelation';
import { isOriented } from '../../src/insight/kernelClass';
import { AtlasView } from '../kernels/atlasView';
import type { PanelContext } from '../panel/context';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatNumber, formatP, formatPlural, formatSigned } from '../ui/format';
import { AnswerCard } from './answerCard';
import { chanceWords, edgeArrow, expectedWords } from './edgeWords';
import type { AnalysedLayer } from './layerAnalysis';

const CLASSES: [KernelFinding['kernelClass'], string][] = [
  ['edge', 'edge: one side bright, the other dark'],
  ['gabor', 'Gabor: stripes under a window'],
  ['colour', 'colour-opponent: one colour against another'],
  ['line', 'line or centre-surround'],
  ['blob', 'blob: mostly of one sign'],
  ['flat', 'flat: nearly zero'],
  ['none', 'none of these'],
];

/** Is there an edge filter, and was one guaranteed? Counts, beside what as many random kernels would give. */
export class EdgeAnswer {
  readonly card: AnswerCard;
  private readonly sentence = element('p');
  private readonly fate = element('p');
  private readonly colours = element('p');
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
    this.card.body.append(this.sentence, this.fate, this.colours, this.table, this.caption, this.atlas.root, this.caveat);
  }

  draw({ now, start, values, kernels: { shape }, step }: AnalysedLayer): void {
    const { summary, kernels } = now;
    const isMore = summary.pValue < 0.01;
    const few = summary.edges === 0 ? 'No' : isMore ? 'Yes' : 'Not more than chance';
    this.card.setShort(
      `${few}: ${summary.edges} of ${kernels.length}; chance alone would give ${formatNumber(summary.expectedByChance, 2)}.`,
    );
    if (!this.card.root.open) return;
    const isLoaded = this.context.run.model?.loadedFrom !== undefined;
    const guarantee = isLoaded ? '' : ': nothing in the initialiser guarantees one';
    const before = start && step > 0 ? ` Before training it was ${start.summary.edges}${guarantee}.` : '';
    setText(this.sentence, summary.sentence + before);
    for (const [node, text] of [
      [this.fate, fateWords(start && step > 0 ? start.kernels : null, kernels)],
      [this.colours, summary.colours?.sentence ?? ''],
    ] as const) {
      setText(node, text);
      setHidden(node, text === '');
    }
    this.drawTable(now, step > 0 ? start : null, shape);
    this.findings = kernels;
    const edges = kernels.filter((k) => isOriented(k.kernelClass)).sort((a, b) => chanceOf(a) - chanceOf(b));
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
      `A kernel counts as an edge when a tilted plane explains so much of it that only about 1 in 100 random kernels of ${shape[0]} × ${shape[1]} does as well${this.hasGabor(shape) ? ', or when a Gabor function does, which has seven free numbers and is therefore only fitted from 5 × 5 on' : ''}.${channels} Computed from the weights after step ${step}.`,
    );
  }

  private drawTable({ kernels }: KernelAnalysis, start: KernelAnalysis | null, [kh, kw, cin]: number[]): void {
    const canBe = { gabor: Math.min(kh, kw) >= SMALLEST_GABOR, colour: cin === 3 } as Partial<
      Record<KernelFinding['kernelClass'], boolean>
    >;
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
      row('th', 'looks like', 'now', ...(start ? ['at the start'] : []), 'by chance'),
      ...CLASSES.filter(([kind]) => canBe[kind] ?? true).map(([kind, label]) =>
        row(
          'td',
          label,
          String(count(kernels, kind)),
          ...(start ? [String(count(start.kernels, kind))] : []),
          expectedWords(kernels.length * classByChance(kind, [kh, kw, cin])),
        ),
      ),
    );
  }

  private hasGabor([kh, kw]: number[]): boolean {
    return Math.min(kh, kw) >= SMALLEST_GABOR;
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
    if (finding?.gabor && finding.kernelClass === 'gabor')
      return {
        title: `kernel ${filter}: Gabor`,
        rows: [
          ['a Gabor function explains', `${formatNumber(finding.gabor.score * 100, 3)} %`],
          ['random kernels as good', `at most ${chanceWords(finding.gabor.chance)}`],
        ],
      };
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

/** Of the plane, or of the Gabor function that it is called by. */
function chanceOf({ kernelClass, chance, gabor }: KernelFinding): number {
  return kernelClass === 'gabor' && gabor ? gabor.chance : chance;
}

/** Whether those that began most like an edge are those that are it now: rank correlation, beside what shuffling would give. */
function fateWords(start: KernelFinding[] | null, now: KernelFinding[]): string {
  if (!start || now.length !== start.length) return '';
  const { rho, pValue } = rankCorrelation(
    start.map((k) => k.edgeScore),
    now.map((k) => k.edgeScore),
  );
  if (now.length < 8) return '';
  const verdict =
    pValue < 0.01
      ? rho > 0
        ? 'those that began most like an edge tend to be most like one now'
        : 'those that began most like an edge tend to be least like one now'
      : 'how much a kernel looked like an edge at the start does not tell how much it does now';
  return `Rank correlation of the edge scores at the start and now: ${formatSigned(rho, 2)} (${formatP(pValue)}): ${verdict}.`;
}
