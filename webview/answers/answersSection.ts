import { hasAny, type PanelContext, type Reason, type Section } from '../panel/context';
import { element, setHidden, setText } from '../ui/dom';
import { analysedKernels } from './analysedKernels';
import { ReasonsPart } from '../sight/reasonsPart';
import { DifferenceAnswer } from './differenceAnswer';
import { EdgeAnswer } from './edgeAnswer';
import type { LayerAnalysis } from './layerAnalysis';
import { OriginAnswer } from './originAnswer';

/** What people ask of a layer's kernels, answered from this run's own numbers, beside what chance gives. */
export class AnswersSection implements Section {
  readonly root = element('section', { class: 'answers', attributes: { 'aria-label': 'Answers' } });
  private readonly title = element('h2', { class: 'section-title' });
  private readonly status = element('p', { class: 'hint', attributes: { role: 'status', hidden: true } });
  private readonly origin: OriginAnswer;
  private readonly edges: EdgeAnswer;
  private readonly difference: DifferenceAnswer;
  private readonly reasons: ReasonsPart;
  private isInSight = false;
  private analysed = '';

  constructor(
    context: PanelContext,
    private readonly analysis: LayerAnalysis,
  ) {
    const onToggle = (id: string, isOpen: boolean) => {
      const { answers } = context.intent;
      if (answers.includes(id) === isOpen) return;
      context.change({ answers: isOpen ? [...answers, id] : answers.filter((a) => a !== id) });
    };
    this.origin = new OriginAnswer(context, onToggle);
    this.edges = new EdgeAnswer(context, onToggle);
    this.difference = new DifferenceAnswer(context, onToggle);
    this.reasons = new ReasonsPart(context);
    const glossary = element('button', {
      class: 'link',
      text: 'What these words mean',
      title: 'Opens the glossary',
      attributes: { type: 'button' },
      on: { click: () => void context.perform('runCommand', { command: 'kernelscope.openGlossary' }) },
    });
    const end = element('p', { class: 'hint' }, glossary);
    this.root.append(this.title, ...this.cards.map((c) => c.root), this.reasons.root, this.status, end);
    new IntersectionObserver((entries) => {
      // Several may have come together; the last is how it is.
      this.isInSight = entries[entries.length - 1].isIntersecting;
      if (this.isInSight) context.requestDraw();
    }).observe(this.root);
  }

  private get cards() {
    return [this.origin, this.edges, this.difference].map((a) => a.card);
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'frame', 'intent', 'theme', 'size', 'status')) return;
    const { layer, weight, run, intent } = context;
    setHidden(this.root, !layer || !weight || !run.shown);
    if (!layer || !weight || !run.shown || !this.isInSight) return;
    setText(this.title, `Answers about ${layer.name}`);
    for (const card of this.cards) card.setOpen(intent.answers.includes(card.id));
    this.origin.draw(layer, weight);
    this.reasons.draw();
    const kernels = analysedKernels(layer, weight);
    setHidden(this.edges.card.root, !kernels?.hasEdges);
    setHidden(this.difference.card.root, !kernels || kernels.shape[3] < 2);
    const found = this.analysis.of(context);
    setHidden(this.status, typeof found !== 'string');
    setText(this.status, typeof found === 'string' ? found : '');
    const key = `${run.runId} ${layer.name} ${weight.name}`;
    if (found === null || typeof found === 'string') {
      // Another layer's answers are not this one's.
      if (this.analysed !== key) for (const { card } of [this.edges, this.difference]) card.setShort('');
      return;
    }
    this.analysed = key;
    if (found.kernels.hasEdges) this.edges.draw(found);
    this.difference.draw(found);
  }
}
