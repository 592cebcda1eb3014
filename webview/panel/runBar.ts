import { PHASE_WORDS } from '../run/phaseWords';
import { commandButton, numberField } from '../ui/controls';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { hasAny, type PanelContext, type Reason, type Section } from './context';
import { backendName, progressText } from './progressText';

/** State and control of the run: pause, one batch, stop, rewind, new seed, learning rate, progress. */
export class RunBar implements Section {
  readonly root = element('header', { class: 'run-bar', attributes: { 'aria-label': 'Training run' } });
  private readonly name = element('h1', { class: 'run-name' });
  private readonly phase = element('span', { class: 'phase', attributes: { role: 'status' } });
  private readonly progress = element('div', {
    class: 'progress',
    attributes: { role: 'progressbar', 'aria-label': 'Training progress', 'aria-valuemin': 0 },
  });
  private readonly progressFill = element('div', { class: 'progress-fill' });
  private readonly numbers = element('div', { class: 'run-numbers' });
  private readonly message = element('p', { class: 'run-message', attributes: { hidden: true } });
  private readonly ways = element('div', { class: 'button-row', attributes: { hidden: true } });

  private readonly pause;
  private readonly step;
  private readonly stop;
  private readonly rewind;
  private readonly restart;
  private readonly seed;
  private readonly learningRate;
  private primary: 'pause' | 'resume' | 'again' = 'pause';

  /** @param loss stands beside the run's name. */
  constructor(context: PanelContext, loss: HTMLElement) {
    const button = (label: string, icon: Parameters<typeof commandButton>[0]['icon'], onPress: () => void) =>
      commandButton({ label, icon, kind: 'icon', onPress });
    this.pause = commandButton({
      label: 'Pause',
      icon: 'pause',
      kind: 'primary',
      onPress: () => this.pressPrimary(context),
    });
    this.step = button('Train one batch, then pause', 'step', () => void context.perform('stepOnce', null));
    this.stop = button('Stop the run', 'stop', () => void context.perform('stop', null));
    this.rewind = button('Rewind to the same initial weights', 'rewind', () => void context.perform('rewind', null));
    this.restart = button(
      'Restart with a new seed: other initial weights',
      'restart',
      () => void context.perform('restartWithNewSeed', { seed: null }),
    );
    this.seed = numberField({
      label: 'Seed',
      hint: 'One seed drives initial weights, shuffling, dropout and augmentation. Enter another to restart with it.',
      width: 6,
      check: (value) => (Number.isSafeInteger(value) && value >= 0 ? null : 'A seed is a whole number from 0 up.'),
      onCommit: (seed) => void context.perform('restartWithNewSeed', { seed }),
    });
    this.learningRate = numberField({
      label: 'Learning rate',
      hint: 'Takes effect with the next batch.',
      width: 7,
      check: (value) => (value > 0 ? null : 'A learning rate is greater than 0.'),
      onCommit: (learningRate) => void context.perform('setLearningRate', { learningRate }),
    });
    const command = (label: string, name: string) =>
      commandButton({ label, kind: 'secondary', onPress: () => void context.perform('runCommand', { command: `kernelscope.${name}` }) })
        .root;
    this.ways.append(command('Choose data…', 'chooseData'), command('Show log', 'showLog'));
    this.progress.append(this.progressFill);
    this.root.append(
      element('div', { class: 'run-title' }, this.name, this.phase, loss),
      element(
        'div',
        { class: 'run-controls' },
        element(
          'div',
          { class: 'button-row', attributes: { role: 'toolbar', 'aria-label': 'Run controls' } },
          this.pause.root,
          this.step.root,
          this.stop.root,
          this.rewind.root,
          this.restart.root,
        ),
        this.seed.root,
        this.learningRate.root,
      ),
      this.numbers,
      this.progress,
      this.message,
      this.ways,
    );
  }

  private pressPrimary(context: PanelContext): void {
    if (this.primary === 'again') void context.perform('runCommand', { command: 'kernelscope.trainCnn' });
    else void context.perform(this.primary, null);
  }

  draw({ run }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'status')) return;
    const { status } = run;
    setHidden(this.root, !run.model || !status);
    if (!status) return;
    const { phase } = status;
    setText(this.name, run.model?.name ?? '');
    setText(this.phase, PHASE_WORDS[phase]);
    setAttribute(this.phase, 'data-phase', phase);
    const isOpen = phase === 'running' || phase === 'paused';
    const canContinue = phase === 'paused' || ((phase === 'stopped' || phase === 'failed') && run.canContinue);
    this.primary = phase === 'running' || phase === 'preparing' ? 'pause' : canContinue ? 'resume' : 'again';
    if (this.primary === 'pause') this.pause.setLabel('Pause', 'pause');
    else this.pause.setLabel(canContinue ? 'Continue' : 'Train again', 'play');
    this.pause.setEnabled(phase !== 'preparing');
    this.step.setEnabled(isOpen || (phase === 'stopped' && run.canContinue));
    this.stop.setEnabled(isOpen || phase === 'preparing');
    this.rewind.setEnabled(phase !== 'preparing');
    this.restart.setEnabled(phase !== 'preparing');
    this.seed.set(status.seed);
    this.seed.setEnabled(phase !== 'preparing');
    this.learningRate.set(Number(status.learningRate.toPrecision(6)));
    this.learningRate.setEnabled(isOpen);
    const share = status.totalSteps > 0 ? Math.min(1, status.step / status.totalSteps) : 0;
    this.progressFill.style.width = `${(share * 100).toFixed(2)}%`;
    setAttribute(this.progress, 'aria-valuemax', status.totalSteps);
    setAttribute(this.progress, 'aria-valuenow', status.step);
    const text = progressText(status, run.test);
    setAttribute(this.progress, 'aria-valuetext', text);
    setText(this.numbers, text);
    setAttribute(this.numbers, 'title', status.backend ? `Computed by ${backendName(status.backend)}` : null);
    setHidden(this.message, !status.message);
    setText(this.message, status.message ?? '');
    setAttribute(this.message, 'role', phase === 'failed' ? 'alert' : null);
    setAttribute(this.message, 'data-phase', phase);
    setHidden(this.ways, phase !== 'failed');
  }
}
