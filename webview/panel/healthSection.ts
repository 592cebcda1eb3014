import type { OutputSample } from '../../src/common/outputSample';
import { findHealth } from '../../src/insight/health';
import { healthSample, outputActivation, type HealthSample } from '../../src/insight/healthSample';
import { HealthTracker, type TrackedFinding } from '../../src/insight/healthTracker';
import { AnswerCard } from '../answers/answerCard';
import type { HostChannel } from '../host/connection';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { formatNumber, formatPlural } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';

const ID = 'health';
/** Health is looked at once a second, and outputs, which cost a forward pass, four times a minute. */
const LOOK_MS = 1000;
const OUTPUTS_MS = 15_000;
/** Samples kept beside that of the start, and stored frames read of a run that stands still. */
const KEPT = 40;
const READ_BACK = 6;

/** How well training goes, layer by layer: what is out of the ordinary in plain language, and the numbers of every layer. */
export class HealthSection implements Section {
  readonly root: HTMLElement;
  private readonly card: AnswerCard;
  private readonly findings = element('ul', { class: 'health-findings' });
  private readonly table = element('table', { class: 'answer-table health-table' });
  private readonly note = element('p', { class: 'hint' });
  private readonly tracker = new HealthTracker();
  private samples = new Map<number, HealthSample>();
  private outputs: OutputSample[] = [];
  private runKey = '';
  private lastLook = -Infinity;
  private lastOutputs = -Infinity;
  /** The step that the outputs are of. */
  private outputsStep = -1;
  private timer: number | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly channel: HostChannel,
  ) {
    this.card = new AnswerCard(ID, 'Is training healthy?', (id, isOpen) => {
      const { answers } = context.intent;
      if (answers.includes(id) !== isOpen) context.change({ answers: isOpen ? [...answers, id] : answers.filter((a) => a !== id) });
    });
    const scroller = element('div', { class: 'health-scroll', attributes: { tabindex: 0, role: 'group', 'aria-label': 'Layer by layer' } });
    scroller.append(this.table);
    this.card.body.append(this.findings, scroller, this.note);
    this.root = element('section', { class: 'health', attributes: { 'aria-label': 'Health' } }, this.card.root);
  }

  draw({ run, intent }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'status', 'frame', 'metrics', 'intent', 'size')) return;
    const key = `${run.runId} ${run.generation}`;
    if (key !== this.runKey) this.begin(key);
    const hasTrained = run.runId !== null && (run.status?.step ?? 0) > 0;
    setHidden(this.root, !hasTrained);
    if (!hasTrained) return;
    this.card.setOpen(intent.answers.includes(ID));
    if (run.status?.phase !== 'running') return this.look();
    const wait = this.lastLook + LOOK_MS - performance.now();
    if (wait <= 0) this.look();
    else
      this.timer ??= window.setTimeout(() => {
        this.timer = null;
        this.context.requestDraw();
      }, wait);
  }

  private begin(key: string): void {
    this.runKey = key;
    this.samples = new Map();
    this.outputs = [];
    this.tracker.clear();
    this.lastLook = this.lastOutputs = -Infinity;
    this.outputsStep = -1;
    const { run } = this.context;
    if (run.isLive && run.status?.phase !== 'paused') return;
    // A run that stands still tells of its last steps by its stored frames.
    for (const step of run.storedSteps.slice(-READ_BACK))
      void run.frameAt(step).then(
        (frame) => {
          if (key !== this.runKey) return;
          this.add(healthSample(frame, run.model?.layers ?? []));
          this.look();
        },
        () => {},
      );
  }

  private look(): void {
    const { run } = this.context;
    const layers = run.model?.layers ?? [];
    this.lastLook = performance.now();
    for (const frame of [run.first, run.latest]) if (frame && !this.samples.has(frame.step)) this.add(healthSample(frame, layers));
    const samples = [...this.samples.values()].sort((a, b) => a.step - b.step);
    const last = layers.filter((l) => l.params > 0).at(-1);
    const found = findHealth({
      samples,
      metrics: run.metrics,
      outputs: this.outputs,
      lastLayer: last?.name ?? null,
      classes: run.model?.dataset?.classNames.length ?? null,
    });
    this.tracker.update(found, run.status?.phase !== 'running');
    this.lookAtOutputs(last?.name ?? null);
    this.show(samples);
  }

  private lookAtOutputs(lastLayer: string | null): void {
    const { run } = this.context;
    const { phase, step } = run.status ?? { phase: 'preparing', step: 0 };
    const isPossible = phase !== 'preparing' && phase !== 'failed' && step !== this.outputsStep;
    if (!this.card.root.open || !isPossible || performance.now() - this.lastOutputs < OUTPUTS_MS) return;
    this.lastOutputs = performance.now();
    this.outputsStep = step;
    const hidden = (run.model?.layers ?? []).filter((l) => outputActivation(l) !== null && l.name !== lastLayer && !l.name.includes('/'));
    if (hidden.length === 0) return;
    const key = this.runKey;
    this.channel.call('sampleOutputs', { layers: hidden.map((l) => l.name) }).then(
      (outputs) => {
        if (key === this.runKey && outputs) this.outputs = outputs;
        this.context.requestDraw();
      },
      // The frames still tell most of it.
      () => {},
    );
  }

  private add(sample: HealthSample): void {
    this.samples.set(sample.step, sample);
    const steps = [...this.samples.keys()].filter((s) => s > 0).sort((a, b) => a - b);
    for (const old of steps.slice(0, Math.max(0, steps.length - KEPT))) this.samples.delete(old);
  }

  private show(samples: readonly HealthSample[]): void {
    const trained = samples.filter((s) => s.step > 0);
    const last = trained.at(-1);
    const found = this.tracker.shown;
    if (this.card.root.open) this.tracker.acknowledge();
    const fresh = found.filter((f) => f.isNew).length;
    const first = found[0];
    this.card.setShort(
      first
        ? `${formatPlural(found.length, 'finding')}${fresh > 0 && fresh < found.length ? `, ${fresh} new` : ''}: ${first.finding}`
        : last
          ? `Nothing out of the ordinary up to step ${last.step}.`
          : '',
    );
    this.root.dataset.severity = first?.severity ?? 'none';
    if (!this.card.root.open) return;
    replaceChildren(this.findings, ...found.map(findingItem));
    setHidden(this.findings, found.length === 0);
    this.showTable(samples[0]?.step === 0 ? samples[0] : null, last ?? null);
  }

  private showTable(start: HealthSample | null, last: HealthSample | null): void {
    const rows = (last?.layers ?? []).map((l) => {
      const before = start?.layers.find((s) => s.layer === l.layer)?.effectiveKernels ?? null;
      const cells = [
        l.updateRatio === null ? '–' : `${formatNumber(l.updateRatio * 100, 2)} %`,
        l.gradientRms === null ? '–' : formatNumber(l.gradientRms, 2),
        l.silent === null ? '–' : `${l.silent.length} of ${l.units}`,
        l.effectiveKernels === null ? '–' : `${l.effectiveKernels.toFixed(1)}${before === null ? '' : ` (${before.toFixed(1)})`}`,
      ];
      const name = element('th', { attributes: { scope: 'row' } }, this.link(l.layer));
      return element('tr', {}, name, ...cells.map((text) => element('td', { text })));
    });
    const head = HEADS.map(([text, title]) => element('th', { text, title, attributes: { scope: 'col' } }));
    replaceChildren(this.table, element('tr', {}, ...head), ...rows);
    setText(
      this.note,
      `Of each layer’s kernel at step ${last?.step ?? 0}: mean |ΔW| ÷ mean |W| of the step (about 0.1 % is usual), root mean square of the gradient, units whose gradient is exactly 0 in this batch, and the effective number of different kernels (at the start).`,
    );
  }

  private link(layer: string): HTMLElement {
    const onClick = () => {
      this.context.change({ layer, open: null, place: 0 });
      void this.context.perform('selectLayer', { layer });
    };
    return element('button', { class: 'link', text: layer, attributes: { type: 'button' }, on: { click: onClick } });
  }
}

const HEADS: readonly [text: string, title: string][] = [
  ['layer', ''],
  ['changed per step', 'mean |ΔW| ÷ mean |W|, the update:weight ratio'],
  ['gradient', 'Root mean square over the kernel'],
  ['without gradient', 'Units whose gradient is exactly 0 for the whole batch'],
  ['different kernels', 'Exponential of the entropy of the eigenvalues of the kernels’ cosines; in brackets the same at the start'],
];

function findingItem(finding: TrackedFinding): HTMLElement {
  return element(
    'li',
    { class: `health-finding ${finding.severity}` },
    element(
      'p',
      { class: 'health-what' },
      element('span', { class: 'tag', text: finding.severity === 'problem' ? 'problem' : 'worth knowing' }),
      element('span', { text: finding.finding }),
    ),
    element('p', { class: 'health-evidence', text: finding.evidence }),
    element('p', { class: 'health-usually' }, element('strong', { text: 'What people usually do: ' }), finding.usually),
  );
}
