import { commandButton } from '../ui/controls';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatCount } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';

const PLAY_INTERVAL_MS = 110;

/** The time slider over the run's stored frames; its right end is the live frame. */
export class Timeline implements Section {
  readonly root = element('footer', { class: 'timeline', attributes: { 'aria-label': 'Time', hidden: true } });
  private readonly slider = element('input', {
    class: 'time-slider',
    attributes: { type: 'range', min: 0, step: 1, 'aria-label': 'Stored frames of the run' },
  });
  private readonly where = element('output', { class: 'time-where' });
  private readonly play;
  private readonly live;
  private readonly compare;
  private timer: number | null = null;
  private isMoving = false;

  constructor(private readonly context: PanelContext) {
    this.play = commandButton({ label: 'Play the stored frames', icon: 'play', kind: 'icon', onPress: () => this.togglePlay() });
    this.live = commandButton({ label: 'Newest', kind: 'secondary', onPress: () => this.goLive() });
    this.compare = commandButton({
      label: 'Compare with…',
      kind: 'secondary',
      onPress: () => void context.perform('runCommand', { command: 'kernelscope.compareMoments', step: context.run.shown?.step }),
    });
    this.slider.addEventListener('input', () => {
      this.stopPlaying();
      void this.goToIndex(Number(this.slider.value));
    });
    this.root.append(this.play.root, this.slider, this.where, this.compare.root, this.live.root);
  }

  /** The stored frame at or before a step, or the newest when that is nearer. */
  goToStep(step: number): void {
    this.stopPlaying();
    const { storedSteps } = this.context.run;
    if (storedSteps.length === 0) return;
    let nearest = 0;
    storedSteps.forEach((s, i) => {
      if (Math.abs(s - step) < Math.abs(storedSteps[nearest] - step)) nearest = i;
    });
    void this.goToIndex(nearest);
  }

  draw({ run }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'frame', 'stored', 'status')) return;
    const steps = run.storedSteps;
    setHidden(this.root, steps.length === 0);
    if (steps.length === 0) return;
    const shown = run.shown?.step ?? 0;
    const newest = run.latest?.step ?? shown;
    setAttribute(this.slider, 'max', steps.length);
    const index = run.isPast
      ? Math.max(
          0,
          steps.findIndex((s) => s >= shown),
        )
      : steps.length;
    if (!this.isMoving) this.slider.value = String(index);
    this.slider.style.setProperty('--ks-share', `${(index / steps.length) * 100}%`);
    setAttribute(this.root, 'data-past', run.isPast);
    this.live.setHidden(!run.isPast);
    this.compare.setHidden(steps.length < 2);
    const isRunning = run.status?.phase === 'running';
    const text = run.isPast
      ? `Looking back at step ${formatCount(shown)}${isRunning ? `; training is at ${formatCount(newest)}` : ` of ${formatCount(newest)}`}`
      : `${isRunning ? 'Live' : 'Newest'}: step ${formatCount(shown)}`;
    setText(this.where, text);
    setAttribute(this.slider, 'aria-valuetext', `${text}, stored frame ${Math.min(index + 1, steps.length)} of ${steps.length}`);
  }

  private async goToIndex(index: number): Promise<void> {
    const { run } = this.context;
    const step = run.storedSteps[index];
    this.isMoving = true;
    try {
      await run.showStep(step ?? null);
    } catch (error) {
      this.stopPlaying();
      this.context.complain(`The frame of step ${step} can’t be shown: ${(error as Error).message}`);
    } finally {
      this.isMoving = false;
    }
  }

  private goLive(): void {
    this.stopPlaying();
    void this.context.run.showStep(null);
  }

  private togglePlay(): void {
    if (this.timer !== null) return this.stopPlaying();
    const { run } = this.context;
    let index = run.isPast ? run.storedSteps.findIndex((s) => s >= (run.shown?.step ?? 0)) + 1 : 0;
    this.play.setLabel('Pause playing', 'pause');
    const next = async () => {
      const startedAt = performance.now();
      await this.goToIndex(index);
      if (this.timer === null) return;
      if (index >= run.storedSteps.length) return this.stopPlaying();
      index++;
      this.timer = window.setTimeout(() => void next(), Math.max(0, PLAY_INTERVAL_MS - (performance.now() - startedAt)));
    };
    this.timer = window.setTimeout(() => void next(), 0);
  }

  private stopPlaying(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.play.setLabel('Play the stored frames', 'play');
  }
}
