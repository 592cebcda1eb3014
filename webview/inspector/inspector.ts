import { kernelWords } from '../answers/edgeWords';
import type { LayerAnalysis } from '../answers/layerAnalysis';
import { tileCount } from '../kernels/kernelMeasures';
import { hasAny, type PanelContext, type Reason, type Section } from '../panel/context';
import { weightView, type WeightView } from '../run/layerView';
import { commandButton } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { DistributionPart } from './distributionPart';
import { HistoryPart } from './historyPart';
import { NumbersPart } from './numbersPart';
import { StepPart } from './stepPart';

/** One kernel (unit, value), opened: its numbers, one weight's step, its history, its distribution. */
export class Inspector implements Section {
  readonly root = element('aside', { class: 'inspector', attributes: { hidden: true, tabindex: -1 } });
  private readonly title = element('h2', { class: 'section-title' });
  private readonly numbers: NumbersPart;
  private readonly step: StepPart;
  private readonly history: HistoryPart;
  private readonly distribution: DistributionPart;
  private readonly kind = element('p', { class: 'explain' });
  private opened = '';

  constructor(
    private readonly context: PanelContext,
    private readonly analysis: LayerAnalysis,
    goToStep: (step: number) => void,
    onClose: (filter: number) => void,
  ) {
    this.numbers = new NumbersPart(context);
    this.step = new StepPart(context);
    this.history = new HistoryPart(context, goToStep);
    this.distribution = new DistributionPart(context);
    const turn = (by: number) => {
      const view = this.view();
      const count = view ? tileCount(view) : 1;
      context.change({ open: ((context.intent.open ?? 0) + by + count) % count });
    };
    const close = () => {
      const { open } = context.intent;
      context.change({ open: null });
      if (open !== null) onClose(open);
    };
    const button = (label: string, icon: 'previous' | 'next' | 'close', onPress: () => void) =>
      commandButton({ label, icon, kind: 'icon', onPress }).root;
    this.root.addEventListener('keydown', (e) => {
      if (e.key === 'Escape') close();
    });
    this.root.append(
      element(
        'div',
        { class: 'inspector-head' },
        this.title,
        element(
          'div',
          { class: 'button-row' },
          button('Previous kernel', 'previous', () => turn(-1)),
          button('Next kernel', 'next', () => turn(1)),
          button('Close', 'close', close),
        ),
      ),
      this.numbers.root,
      this.kind,
      this.step.root,
      this.history.root,
      this.distribution.root,
    );
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'frame', 'intent', 'theme', 'stored', 'size')) return;
    const { intent, layer, weight, run } = context;
    const view = this.view();
    const isOpen = intent.open !== null && view !== null && run.shown !== null && intent.open < tileCount(view);
    setHidden(this.root, !isOpen);
    if (!isOpen || intent.open === null || !view || !layer || !weight) {
      this.opened = '';
      return;
    }
    const title = `${view.item} ${intent.open} of ${layer.name}${weight.shape.length < 2 ? `’s ${weight.name}` : ''}`;
    setText(this.title, title);
    this.root.setAttribute('aria-label', title);
    this.numbers.draw(view, intent.open);
    this.drawKind(intent.open);
    this.step.draw(view, intent.open);
    this.history.draw(view, intent.open);
    this.distribution.draw(view, intent.open);
    if (this.opened === '' && reasons.has('intent')) this.bringIntoSight();
    this.opened = title;
  }

  /** What the kernel is, beside chance; where that is known. */
  private drawKind(filter: number): void {
    const found = this.analysis.of(this.context);
    const known = found !== null && typeof found !== 'string' ? found : null;
    const finding = known?.now.kernels[filter];
    setHidden(this.kind, !finding);
    if (!known || !finding) return;
    const when = known.step === this.context.run.shown?.step ? '' : ` (At step ${known.step}.)`;
    setText(this.kind, kernelWords(finding, known.kernels.hasEdges, known.kernels.item) + when);
  }

  /** The top of it counts: it may well be higher than the window. */
  private bringIntoSight(): void {
    const { top } = this.root.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight * 0.6) this.root.scrollIntoView({ block: 'start', behavior: 'auto' });
  }

  private view(): WeightView | null {
    const { run, layer, weight, intent } = this.context;
    return run.model && layer && weight ? weightView(run.model, layer, weight, intent.isUnfolded) : null;
  }
}
