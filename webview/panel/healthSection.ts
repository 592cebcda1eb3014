import type { OutputSample } from '../../src/common/outputSample';
import { findHealth } from '../../src/insight/health';
import { healthSample, outputActivation, type HealthSample } from '../../src/insight/healthSample';
import { HealthTracker, type TrackedFinding } from '../../src/insight/healthTracker';
import { AnswerCard } from '../answers/answerCard';
import type { HostChannel } from '../host/connection';
import { element, replaceChildren, setHidden } from '../ui/dom';
import { formatFixed, formatNumber, formatPlural } from '../ui/format';
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
  private readonly table = element('table', { class: 'health-table' });
  private readonly tracker = new HealthTracker();
  private samples = new Map<number, HealthSample>();
  private outputs: OutputSample[] = [];
  private runKey = '';
  private lastLook = -Infinity;
  private lastOutputs = -Infinity;
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
    this.card.body.append(this.findings, scroller);
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
    const isPossible = run.status?.phase === 'running' || run.status?.phase === 'paused';
    if (!this.card.root.open || !isPossible || performance.now() - this.lastOutputs < OUTPUTS_MS) return;
    this.lastOutputs = performance.now();
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
    const heads: [string, string][] = [
      ['Layer', ''],
      ['Update ÷ weight', 'mean |ΔW| ÷ mean |W| of the step; about 10⁻³ is usual'],
      ['Gradient', 'Root mean square of the gradient of the step’s batch'],
      ['Silent', 'Units whose gradient is exactly 0 in this batch'],
      ['Different', 'Effective number of different kernels now (at the start): exponential of the entropy of their cosines’ eigenvalues'],
    ];
    const rows = (last?.layers ?? []).map((l) => {
      const before = start?.layers.find((s) => s.layer === l.layer)?.effectiveKernels ?? null;
      const different =
        l.effectiveKernels === null ? '' : formatFixed(l.effectiveKernels, 1) + (before === null ? '' : ` (${formatFixed(before, 1)})`);
      const cells = [
        l.updateRatio === null ? '' : l.updateRatio.toExponential(1).replace('-', '−'),
        l.gradientRms === null ? '' : formatNumber(l.gradientRms, 2),
        l.silent === null ? '' : `${l.silent.length} of ${l.units}`,
        different,
      ];
      return element(
        'tr',
        {},
        element('th', { text: l.layer, attributes: { scope: 'row' } }),
        ...cells.map((text) => element('td', { text })),
      );
    });
    const caption = element('caption', { text: last ? `Layer by layer, step ${last.step}` : 'Layer by layer' });
    const head = element('tr', {}, ...heads.map(([text, title]) => element('th', { text, title, attributes: { scope: 'col' } })));
    replaceChildren(this.table, caption, element('thead', {}, head), element('tbody', {}, ...rows));
  }
}

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
