import { kernelWords } from '../answers/edgeWords';
import type { AnalysedLayer, LayerAnalysis } from '../answers/layerAnalysis';
import type { WeightPlace } from '../../src/common/probeProtocol';
import { tileCount, tileOffsets } from '../kernels/kernelMeasures';
import { hasAny, type PanelContext, type Reason, type Section } from '../panel/context';
import { weightView, type WeightView } from '../run/layerView';
import { commandButton } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { CheckPart } from '../probes/checkPart';
import { GradientPart } from '../probes/gradientPart';
import { DownhillPart } from '../sight/downhillPart';
import { ActivePart } from '../sight/activePart';
import { ExcitementPart } from '../sight/excitementPart';
import { KnockOutPart } from '../sight/knockOutPart';
import { SightPart } from '../sight/sightPart';
import { TwinPart, type Twins } from '../sight/twinPart';
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
  /** What the training thread answers by looking into the network. */
  private readonly probes: { draw(subject: string, step: number, isMoving: boolean): void }[];
  /** Those about the one weight, and those about the whole kernel. */
  private readonly weightProbes: { draw(subject: string, step: number, isMoving: boolean): void }[];
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
    const place = () => this.place();
    const kernel = () => ({ layer: this.context.layer?.name ?? '', filter: this.context.intent.open ?? 0 });
    const [gradient, check, downhill] = [new GradientPart(context, place), new CheckPart(context, place), new DownhillPart(context, place)];
    const [sight, knockOut, twin] = [
      new SightPart(context, kernel),
      new KnockOutPart(context, kernel),
      new TwinPart(context, () => this.twins()),
    ];
    this.weightProbes = [gradient, check, downhill];
    const [excitement, active] = [new ExcitementPart(context, kernel), new ActivePart(context, kernel)];
    this.probes = [sight, excitement, active, knockOut, twin];
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
      sight.root,
      excitement.root,
      this.step.root,
      gradient.root,
      check.root,
      downhill.root,
      knockOut.root,
      twin.root,
      this.history.root,
      active.root,
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
    this.drawProbes(intent.open);
    this.history.draw(view, intent.open);
    this.distribution.draw(view, intent.open);
    if (this.opened === '' && reasons.has('intent')) this.bringIntoSight();
    this.opened = title;
  }

  /** The layer's kernels compared, where that is known. */
  private analysed(): AnalysedLayer | null {
    const found = this.analysis.of(this.context);
    return found !== null && typeof found !== 'string' ? found : null;
  }

  private twins(): Twins | null {
    const { layer, intent } = this.context;
    const known = this.analysed();
    const nearest = known?.now.kernels[intent.open ?? 0]?.nearest;
    if (!layer || !known || !nearest) return null;
    return { layer: layer.name, kernel: intent.open ?? 0, twin: nearest.index, cosine: nearest.cosine, item: known.kernels.item };
  }

  /** What the kernel is, beside chance; where that is known. */
  private drawKind(filter: number): void {
    const known = this.analysed();
    const finding = known?.now.kernels[filter];
    setHidden(this.kind, !finding);
    if (!known || !finding) return;
    const when = known.step === this.context.run.shown?.step ? '' : ` (At step ${known.step}.)`;
    setText(this.kind, kernelWords(finding, known.kernels, known.now.kernels.length) + when);
  }

  /** The weight whose step is written out, as the training thread knows it. */
  private place(): WeightPlace {
    const { layer, weight, intent } = this.context;
    const view = this.view();
    const offsets = view && intent.open !== null ? tileOffsets(view, intent.open) : new Uint32Array(1);
    return { layer: layer?.name ?? '', weight: weight?.name ?? '', offset: offsets[Math.min(intent.place, offsets.length - 1)] };
  }

  private drawProbes(filter: number): void {
    const { run, layer, weight } = this.context;
    const isTrained = run.status !== null && weight?.trainable === true;
    const step = run.latest?.step ?? 0;
    const isMoving = run.status?.phase === 'running';
    const kernel = [run.generation, run.runId, layer?.name, filter].join(' ');
    for (const root of this.root.querySelectorAll<HTMLElement>('.probe')) {
      const isOfWeight = ['gradient', 'check', 'downhill'].includes(root.dataset.answer ?? '');
      setHidden(root, run.status === null || (isOfWeight && !isTrained));
    }
    if (run.status === null) return;
    for (const part of this.probes) part.draw(kernel, step, isMoving);
    if (!isTrained) return;
    for (const part of this.weightProbes) part.draw(`${kernel} ${weight.name} ${this.place().offset}`, step, isMoving);
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
