import type { KernelFinding } from '../../src/common/kernelAnalysis';
import type { KnockOut } from '../../src/common/probeProtocol';
import type { PanelContext } from '../panel/context';
import { changeWords, drawAccuracies } from '../sight/accuracyTable';
import { ProbePart } from '../sight/probePart';
import { element, setText } from '../ui/dom';
import { formatNumber, formatPlural } from '../ui/format';
import { segmented, type Segmented, type SegmentedOption } from '../ui/segmented';
import type { AnalysedLayer } from './layerAnalysis';

type Share = 'pair' | 'quarter' | 'half';
const SHARES: SegmentedOption<Share>[] = [
  { value: 'pair', label: 'The closest pair', hint: 'Only the two that are most alike' },
  { value: 'quarter', label: 'A quarter', hint: 'A quarter of them become copies of the one most like them' },
  { value: 'half', label: 'Half', hint: 'Half of them become copies of the one most like them' },
];

interface Merge {
  kernel: number;
  twin: number;
  cosine: number;
}

/** Whether the network can do with fewer different kernels: the most alike are merged, and the images counted that are still right. */
export class MergePart {
  private readonly sentence = element('p');
  private readonly table = element('table', { class: 'answer-table' });
  private readonly shares: Segmented<Share>;
  private readonly part: ProbePart<{ merges: Merge[]; item: string; found: KnockOut }>;
  private share: Share = 'quarter';
  private layer: AnalysedLayer | null = null;

  constructor(private readonly context: PanelContext) {
    this.shares = segmented('How many to merge', SHARES, (share) => {
      this.share = share;
      context.requestDraw();
    });
    this.part = new ProbePart(
      context,
      {
        id: 'merge',
        question: 'Would fewer do?',
        hint: 'Merge the ones most alike and count the images that are still right.',
        button: 'Merge and count',
        controls: this.shares.root,
        ask: async (signal, at) => {
          if (!this.layer) throw new Error('The kernels are still being compared; try again in a moment.');
          const { kernels, now } = this.layer;
          const wanted = { pair: 1, quarter: Math.max(1, Math.floor(now.kernels.length / 4)), half: Math.floor(now.kernels.length / 2) };
          const merges = mostAlike(now.kernels, wanted[this.share]);
          const pairs = merges.map(({ kernel, twin }) => ({ kernel, twin }));
          const params = { layer: context.layer?.name ?? '', pairs, ...at };
          return { merges, item: kernels.item, found: await context.run.channel.call('mergeKernels', params, signal) };
        },
        show: (result) => this.show(result),
      },
      this.sentence,
      this.table,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(layer: AnalysedLayer): void {
    this.layer = layer;
    const { run, weight } = this.context;
    this.root.hidden = run.status === null;
    if (run.status === null) return;
    this.shares.set(this.share);
    const subject = [run.generation, run.runId, this.context.layer?.name, weight?.name].join(' ');
    this.part.draw(subject, this.share, run.latest?.step ?? 0, run.status.phase === 'running');
  }

  private show({ merges, item, found }: { merges: Merge[]; item: string; found: KnockOut }): void {
    const least = merges.reduce((m, { cosine }) => Math.min(m, Math.abs(cosine)), 1);
    const what =
      merges.length === 1
        ? `${item} ${merges[0].kernel} became ${item} ${merges[0].twin} (cosine ${formatNumber(merges[0].cosine, 2)})`
        : `${formatPlural(merges.length, item)} became copies of others (|cosine| ${formatNumber(least, 2)} and above)`;
    setText(this.sentence, `When ${what}, each scaled to fit best, ${changeWords(found)}`);
    drawAccuracies(this.table, found, ['as they are', 'merged']);
  }
}

/** The most alike first; none is merged into one that is itself merged away. */
export function mostAlike(kernels: readonly KernelFinding[], count: number): Merge[] {
  const merged = new Set<number>();
  const kept = new Set<number>();
  const found: Merge[] = [];
  const byLikeness = kernels.filter((k) => k.nearest).sort((a, b) => Math.abs(b.nearest?.cosine ?? 0) - Math.abs(a.nearest?.cosine ?? 0));
  for (const { index, nearest } of byLikeness) {
    if (!nearest || found.length >= count) break;
    if (kept.has(index) || merged.has(nearest.index)) continue;
    merged.add(index);
    kept.add(nearest.index);
    found.push({ kernel: index, twin: nearest.index, cosine: nearest.cosine });
  }
  return found;
}
