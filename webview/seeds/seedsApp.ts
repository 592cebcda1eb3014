import { Channel, type Transport } from '../../src/base/channel';
import type { SeedsCalls, SeedsEvents, SeedsState } from '../../src/common/seedsProtocol';
import { Tooltip } from '../kernels/tooltip';
import { plainButton } from '../ui/nativeControls';
import { element, replaceChildren, setHidden, setText } from '../ui/dom';
import { currentTheme, onDidChangeTheme, watchTheme } from '../ui/theme';
import { accuracyStrip } from './accuracyStrip';
import { LayerSection } from './layerSection';
import { RunRows } from './runRows';

interface VsCodeApi {
  postMessage(message: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export type SeedsChannel = Channel<Record<never, never>, SeedsCalls, Record<never, never>, SeedsEvents>;

const HEADINGS: Record<SeedsState['phase'], string> = {
  training: 'Training',
  comparing: 'Comparing',
  done: 'Compared',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

/** The page of one comparison across seeds: its runs as they train, then what they share. */
export class SeedsApp {
  private readonly channel: SeedsChannel;
  private state: SeedsState | null = null;
  private readonly tooltip = new Tooltip();
  private readonly title = element('h1');
  private readonly phase = element('span', { class: 'phase', attributes: { role: 'status' } });
  private readonly conditions = element('p', { class: 'conditions' });
  private readonly message = element('p', { class: 'message', attributes: { role: 'alert', hidden: true } });
  private readonly runs: RunRows;
  private readonly summary = element('section', { class: 'summary', attributes: { 'aria-label': 'Summary', hidden: true } });
  private readonly accuracy = element('div', { class: 'accuracy' });
  private readonly layers = element('div', { class: 'layers' });
  private readonly cancel = plainButton({ label: 'Cancel', kind: 'secondary', onPress: () => void this.ask('cancel', null) });
  private readonly again = plainButton({ label: 'Compare again…', kind: 'secondary', onPress: () => void this.ask('compareAgain', null) });

  constructor(root: HTMLElement) {
    const api = acquireVsCodeApi();
    const transport: Transport = {
      post: (message) => api.postMessage(message),
      onMessage(listener) {
        const receive = (event: MessageEvent) => listener(event.data);
        window.addEventListener('message', receive);
        return { dispose: () => window.removeEventListener('message', receive) };
      },
    };
    this.channel = new Channel(transport, {});
    this.runs = new RunRows((seed) => void this.ask('openRun', { seed }));
    watchTheme();
    onDidChangeTheme(() => this.showComparison());
    this.channel.on('didProgress', (progress) => {
      if (!this.state) return;
      Object.assign(this.state, progress);
      this.showProgress();
    });
    this.channel.on('didChangeState', (state) => this.accept(state));
    root.classList.add('seeds');
    root.append(
      element(
        'header',
        { class: 'head' },
        element('div', { class: 'head-title' }, this.title, this.phase),
        element('div', { class: 'button-row' }, this.cancel, this.again),
      ),
      this.conditions,
      this.message,
      element('div', { class: 'runs-and-accuracy' }, this.runs.root, this.accuracy),
      this.summary,
      this.layers,
    );
    this.channel.call('hydrate', null).then(
      (state) => (state ? this.accept(state) : this.complain('Nothing has been compared yet. Run “Kernelscope: Compare Seeds…”.')),
      (error: Error) => this.complain(`The extension did not answer: ${error.message}`),
    );
  }

  private accept(state: SeedsState): void {
    this.state = state;
    setText(this.title, `${state.modelName} across ${state.runs.length} seeds`);
    setText(this.conditions, `${state.sourceFile} · ${state.conditions}. The runs differ in nothing but their seed.`);
    this.showProgress();
    this.showComparison();
  }

  private showProgress(): void {
    if (!this.state) return;
    const { phase, message, runs } = this.state;
    const isBusy = phase === 'training' || phase === 'comparing';
    const through = runs.filter((r) => r.phase === 'finished').length;
    setText(this.phase, phase === 'training' ? `${HEADINGS[phase]}: ${through} of ${runs.length} runs finished` : HEADINGS[phase]);
    this.phase.dataset.phase = phase;
    setHidden(this.cancel, phase !== 'training');
    setHidden(this.again, isBusy);
    setHidden(this.message, message === null);
    setText(this.message, message ?? '');
    this.runs.show(runs);
  }

  private showComparison(): void {
    const comparison = this.state?.comparison ?? null;
    setHidden(this.summary, !comparison);
    setHidden(this.layers, !comparison);
    setHidden(this.accuracy, !comparison?.result.accuracy);
    if (!comparison) return;
    const { result, seeds, kernels } = comparison;
    const copy = plainButton({
      label: 'Copy',
      kind: 'secondary',
      hint: 'Copies these sentences',
      onPress: () => void this.ask('copyText', { text: `${this.state?.modelName}: ${result.summary}` }),
    });
    replaceChildren(this.summary, element('h2', { text: 'In short' }), element('p', { class: 'quote', text: result.summary }), copy);
    if (result.accuracy) replaceChildren(this.accuracy, ...accuracyStrip(seeds, result.accuracy));
    const sections = result.layers.flatMap((layer) => {
      const compared = kernels.find((k) => k.name === layer.name);
      return compared ? [new LayerSection(layer, compared, seeds, result.images, currentTheme(), this.tooltip).root] : [];
    });
    replaceChildren(this.layers, ...sections);
  }

  private complain(text: string): void {
    setHidden(this.message, false);
    setText(this.message, text);
  }

  private async ask<K extends keyof SeedsCalls & string>(call: K, params: SeedsCalls[K]['params']): Promise<void> {
    await this.channel.call(call, params).catch((error: Error) => this.complain(error.message));
  }
}
