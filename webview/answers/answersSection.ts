import type { KernelAnalysis } from '../../src/common/kernelAnalysis';
import { hasAny, type PanelContext, type Reason, type Section } from '../panel/context';
import { fieldValues } from '../run/fields';
import type { HostChannel } from '../host/connection';
import { element, setHidden, setText } from '../ui/dom';
import { analysedKernels, type AnalysedKernels } from './analysedKernels';
import { AnalysisCache } from './analysisCache';
import { DifferenceAnswer } from './differenceAnswer';
import { EdgeAnswer } from './edgeAnswer';
import { OriginAnswer } from './originAnswer';

/** While training goes on, an analysis is made anew this long after the last one. */
const REFRESH_MS = 2000;

/** What people ask of a layer's kernels, answered from this run's own numbers, beside what chance gives. */
export class AnswersSection implements Section {
  readonly root = element('section', { class: 'answers', attributes: { 'aria-label': 'Answers' } });
  private readonly status = element('p', { class: 'hint', attributes: { role: 'status', hidden: true } });
  private readonly origin: OriginAnswer;
  private readonly edges: EdgeAnswer;
  private readonly difference: DifferenceAnswer;
  private readonly cache: AnalysisCache;
  private isInSight = false;
  private shown: { now: KernelAnalysis; step: number; values: Float32Array; key: string } | null = null;
  private timer: number | null = null;

  constructor(
    private readonly context: PanelContext,
    channel: HostChannel,
  ) {
    this.cache = new AnalysisCache(channel, () => context.requestDraw());
    const onToggle = (id: string, isOpen: boolean) => {
      const { answers } = context.intent;
      if (answers.includes(id) === isOpen) return;
      context.change({ answers: isOpen ? [...answers, id] : answers.filter((a) => a !== id) });
    };
    this.origin = new OriginAnswer(context, onToggle);
    this.edges = new EdgeAnswer(context, onToggle);
    this.difference = new DifferenceAnswer(context, onToggle);
    const cards = [this.origin.card, this.edges.card, this.difference.card];
    this.root.append(element('h2', { class: 'section-title', text: 'Answers' }), ...cards.map((c) => c.root), this.status);
    new IntersectionObserver((entries) => {
      // Several may have come together; the last is how it is.
      this.isInSight = entries[entries.length - 1].isIntersecting;
      if (this.isInSight) context.requestDraw();
    }).observe(this.root);
  }

  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'frame', 'intent', 'theme', 'size', 'status')) return;
    const { layer, weight, run, intent } = context;
    setHidden(this.root, !layer || !weight || !run.shown);
    if (!layer || !weight || !run.shown || !this.isInSight) return;
    for (const { card } of [this.origin, this.edges, this.difference]) card.setOpen(intent.answers.includes(card.id));
    this.origin.draw(layer, weight);
    const kernels = analysedKernels(layer, weight);
    setHidden(this.edges.card.root, !kernels?.hasEdges);
    setHidden(this.difference.card.root, !kernels || kernels.shape[3] < 2);
    setHidden(this.status, true);
    if (kernels && kernels.shape[3] > 1)
      this.drawAnalysis(context, kernels, [run.generation, run.runId, layer.name, weight.name].join(' '));
  }

  private drawAnalysis(context: PanelContext, kernels: AnalysedKernels, key: string): void {
    const { run, layer, weight } = context;
    if (!layer || !weight || !run.shown) return;
    const { values } = fieldValues(run, 'weight', layer, weight);
    if (!values) return this.say('The frame that is shown does not hold these weights.');
    const step = run.shown.step;
    const nowKey = `${key} ${step}`;
    const startKey = `${key} 0`;
    const first = run.first ? fieldValues(run, 'weight', layer, weight, run.first).values : null;
    const found = this.cache.get(nowKey);
    const start = this.cache.get(startKey);
    if (!start && first) this.cache.ask('start', { key: startKey, values: kernels.arrange(first), shape: kernels.shape });
    if (!found && this.isDue(run.status?.phase === 'running' && !run.isPast, key)) {
      this.cache.ask('now', { key: nowKey, values: kernels.arrange(values), shape: kernels.shape });
    }
    if (found instanceof Error) return this.say(found.message);
    if (found) this.shown = { now: found, step, values: kernels.arrange(values), key };
    // Between two analyses the last one stays, with the step that it is of.
    if (this.shown?.key !== key) return this.say('Comparing the kernels…');
    const { now, step: at, values: then } = this.shown;
    const beginning = start instanceof Error ? null : start;
    if (kernels.hasEdges) this.edges.draw(now, beginning, then, kernels, at);
    this.difference.draw(now, beginning, kernels, at);
  }

  /** Asks at once when something else is looked at or the run stands still; while it runs, now and then. */
  private isDue(isMoving: boolean, key: string): boolean {
    if (!isMoving || this.shown?.key !== key) return true;
    const wait = this.cache.lastAnswer + REFRESH_MS - performance.now();
    if (wait <= 0) return true;
    this.timer ??= window.setTimeout(() => {
      this.timer = null;
      this.context.requestDraw();
    }, wait);
    return false;
  }

  private say(text: string): void {
    setHidden(this.status, false);
    setText(this.status, text);
    const isOther = this.shown === null;
    if (isOther) for (const { card } of [this.edges, this.difference]) card.setShort('');
  }
}
