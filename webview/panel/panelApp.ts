import type { ViewCalls } from '../../src/common/panelProtocol';
import { AnswersSection } from '../answers/answersSection';
import { LayerAnalysis } from '../answers/layerAnalysis';
import { HostConnection } from '../host/connection';
import { Inspector } from '../inspector/inspector';
import { Tooltip } from '../kernels/tooltip';
import { mainWeight } from '../run/fields';
import { RunData, type SelectionHint } from '../run/runData';
import { commandButton } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { DrawSchedule } from '../ui/schedule';
import { currentTheme, onDidChangeTheme, watchTheme } from '../ui/theme';
import { ChartsSection } from './chartsSection';
import type { PanelContext, Reason, Section } from './context';
import { EmptyState } from './emptyState';
import { HealthSection } from './healthSection';
import { INITIAL_INTENT, type PanelIntent } from './intent';
import { KernelSection } from './kernelSection';
import { LayerList } from './layerList';
import { Notes } from './notes';
import { LossStrip } from './lossStrip';
import { RunBar } from './runBar';
import { Timeline } from './timeline';

/** The panel: puts its sections together, draws them once per animation frame, and acknowledges what it has drawn. */
export class PanelApp implements PanelContext {
  readonly run: RunData;
  readonly tooltip = new Tooltip();
  intent: PanelIntent;
  theme = currentTheme();
  private readonly connection = new HostConnection<PanelIntent>();
  private readonly schedule = new DrawSchedule<Reason>((reasons) => this.draw(reasons));
  private readonly sections: Section[];
  private readonly complaint = element('div', { class: 'complaint', attributes: { role: 'alert', hidden: true } });
  private readonly complaintText = element('span');
  private readonly body = element('main', { class: 'panel-body' });
  private acknowledged: unknown = null;

  constructor(root: HTMLElement) {
    watchTheme();
    this.intent = this.connection.loadIntent(INITIAL_INTENT);
    this.run = new RunData(this.connection.channel);
    const timeline = new Timeline(this);
    const goToStep = (step: number) => timeline.goToStep(step);
    const kernels = new KernelSection(this);
    const analysis = new LayerAnalysis(this.connection.channel, this.requestDraw);
    const inspector = new Inspector(this, analysis, goToStep, (filter) => kernels.focusTile(filter));
    const layers = new LayerList(this);
    const charts = new ChartsSection(this, goToStep);
    const answers = new AnswersSection(this, analysis);
    const health = new HealthSection(this, this.connection.channel);
    const strip = new LossStrip(() => charts.root.scrollIntoView({ block: 'start' }));
    const [empty, bar, notes] = [new EmptyState(this), new RunBar(this, strip.root), new Notes(this)];
    this.sections = [empty, bar, strip, notes, layers, kernels, inspector, charts, health, answers, timeline];
    const dismiss = commandButton({
      label: 'Dismiss',
      kind: 'icon',
      icon: 'close',
      onPress: () => setHidden(this.complaint, true),
    });
    this.complaint.append(this.complaintText, dismiss.root);
    this.body.append(layers.root, kernels.root, element('div', { class: 'side' }, charts.root, health.root, inspector.root, answers.root));
    root.classList.add('panel');
    root.append(bar.root, this.complaint, empty.root, notes.root, this.body, timeline.root);

    onDidChangeTheme((theme) => {
      this.theme = theme;
      this.schedule.request('theme');
    });
    window.addEventListener('resize', () => this.schedule.request('size'));
    this.run.onDidChange((changes) => {
      if (changes.includes('run')) this.adoptModel();
      if (changes.length > 0) this.schedule.request(...changes);
      else this.acknowledge();
    });
    this.run.onDidSelect((hint) => this.follow(hint));
    this.schedule.request('run');
    this.run.hydrate().catch((error: Error) => this.complain(`The extension did not answer: ${error.message}`));
  }

  get layer() {
    return this.run.layer(this.intent.layer);
  }

  get weight() {
    const { layer } = this;
    const name = layer && this.intent.weights[layer.name];
    return layer?.weights.find((w) => w.name === name) ?? mainWeight(layer);
  }

  readonly change = (part: Partial<PanelIntent>): void => {
    this.intent = { ...this.intent, ...part };
    this.connection.saveIntent(this.intent);
    this.schedule.request('intent');
  };

  readonly requestDraw = (): void => this.schedule.request('size');

  readonly complain = (message: string): void => {
    setText(this.complaintText, message);
    setHidden(this.complaint, false);
  };

  async perform<K extends keyof ViewCalls>(call: K, params: ViewCalls[K]['params']): Promise<void> {
    try {
      setHidden(this.complaint, true);
      await this.connection.channel.call(call, params);
    } catch (error) {
      this.complain((error as Error).message);
    }
  }

  /** A layer that is in the model: the one that was looked at, else the first with kernels. */
  private adoptModel(): void {
    const { model } = this.run;
    if (!model) return;
    if (this.layer) return this.tellHost();
    const first = model.layers.find((l) => (mainWeight(l)?.shape.length ?? 0) >= 2) ?? model.layers.find((l) => l.params > 0);
    this.change({ layer: first?.name ?? model.layers[0]?.name ?? null, open: null, place: 0 });
    this.tellHost();
  }

  /** The host watches the layer that is looked at: its frames then hold the optimiser's numbers. What another view selected comes first. */
  private tellHost(): void {
    const { layer, open } = this.intent;
    if (layer === null || this.run.selectedLayer !== null) return;
    this.connection.channel.call('selectLayer', { layer, filter: open }).catch(() => {});
  }

  private follow({ layer, filter }: SelectionHint): void {
    if (layer === this.intent.layer && (filter === null || filter === this.intent.open)) return;
    this.change({ layer, open: filter, place: 0 });
  }

  private draw(reasons: ReadonlySet<Reason>): void {
    setHidden(this.body, !this.run.model);
    for (const section of this.sections) section.draw(this, reasons);
    this.acknowledge();
  }

  /** Tells the host that the newest frame is on screen: the next may come. */
  private acknowledge(): void {
    const { latest } = this.run;
    if (!latest || latest === this.acknowledged) return;
    this.acknowledged = latest;
    this.connection.channel.call('acknowledgeFrame', { step: latest.step }).catch(() => {});
  }
}
