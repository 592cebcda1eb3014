import { commandButton, waitingRing } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatPlural } from '../ui/format';
import { hasAny, type PanelContext, type Reason, type Section } from './context';

/** What is there before a run is: one sentence and one button; and the moment before the host has answered. */
export class EmptyState implements Section {
  readonly root = element('section', { class: 'empty', attributes: { 'aria-label': 'No run yet' } });
  private readonly waiting = element('div', { class: 'empty-waiting' }, waitingRing('Loading'));
  private readonly body = element('div', { class: 'empty-body', attributes: { hidden: true } });
  private readonly title = element('h1');
  private readonly sentence = element('p');
  private readonly train;
  private readonly sample;

  constructor(context: PanelContext) {
    const command = (label: string, kind: 'primary' | 'secondary', name: string) =>
      commandButton({ label, kind, onPress: () => void context.perform('runCommand', { command: `kernelscope.${name}` }) });
    this.train = command('Train CNN', 'primary', 'trainCnn');
    this.sample = command('Open the sample model', 'secondary', 'openSample');
    this.body.append(
      this.title,
      this.sentence,
      element('div', { class: 'button-row' }, this.train.root, this.sample.root, command('Open a run…', 'secondary', 'openRun').root),
    );
    this.root.append(this.waiting, this.body);
  }

  draw({ run }: PanelContext, reasons: ReadonlySet<Reason>): void {
    if (!hasAny(reasons, 'run', 'status')) return;
    setHidden(this.root, run.isHydrated && run.status !== null);
    setHidden(this.waiting, run.isHydrated);
    setHidden(this.body, !run.isHydrated);
    const { model } = run;
    this.sample.setHidden(model !== null);
    this.train.setHidden(model?.problem !== undefined);
    if (model?.problem) {
      setText(this.title, model.name);
      setText(this.sentence, `Can be looked at but not trained: ${model.problem}`);
    } else if (model) {
      const weighted = model.layers.filter((l) => l.params > 0).length;
      setText(this.title, model.name);
      setText(
        this.sentence,
        `${formatPlural(weighted, 'layer')} with ${formatCount(model.totalParams)} weights, drawn at random and not trained yet. Below is what ${run.seed === null ? 'training' : `seed ${run.seed}`} starts from; press Train CNN and watch it move.`,
      );
    } else {
      setText(this.title, 'No model here yet');
      setText(
        this.sentence,
        'Open a file that defines a CNN (Keras, say) and press Train CNN: its kernels, their gradients and the loss are drawn here while they change.',
      );
    }
  }
}
