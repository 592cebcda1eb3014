import { SORTS } from '../kernels/kernelOrder';
import { FIELD_LABELS, type Field } from '../run/fields';
import { PHASE_WORDS } from '../run/phaseWords';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatCount } from '../ui/format';
import { plainButton, plainChoice } from '../ui/nativeControls';
import { segmented } from '../ui/segmented';
import type { GalleryContext } from './galleryContext';

const FIELD_HINTS: Record<Field, string> = {
  weight: 'The numbers the layer computes with',
  gradient: 'How the batch’s loss changes with each weight',
  update: 'What the optimiser changed in the last step',
  change: 'Weight now minus weight at the start',
};

/** The gallery's top: which model, where its run is, and what of the kernels is shown. */
export class GalleryHead {
  readonly root = element('header', { class: 'gallery-head' });
  private readonly name = element('h1', { class: 'run-name' });
  private readonly phase = element('span', { class: 'phase', attributes: { role: 'status' } });
  private readonly where = element('p', { class: 'gallery-where' });
  private readonly train: HTMLElement;
  private readonly field;
  private readonly sort;
  private readonly controls: HTMLElement;

  constructor(private readonly context: GalleryContext) {
    const fields = (Object.keys(FIELD_LABELS) as Field[]).map((f) => ({ value: f, label: FIELD_LABELS[f], hint: FIELD_HINTS[f] }));
    this.field = segmented<Field>('What is shown', fields, (field) => context.change({ field }));
    this.sort = plainChoice('Sort by', SORTS, (sort) => context.change({ sort }));
    this.train = element(
      'div',
      { class: 'gallery-train' },
      plainButton({
        label: 'Train CNN',
        kind: 'primary',
        icon: 'play',
        onPress: () => void context.perform('runCommand', { command: 'kernelscope.trainCnn' }),
      }),
    );
    this.controls = element('div', { class: 'gallery-controls' }, this.field.root, this.sort.root);
    this.root.append(element('div', { class: 'gallery-title' }, this.name, this.phase), this.where, this.train, this.controls);
  }

  draw(): void {
    const { run, intent } = this.context;
    const { model, status } = run;
    setHidden(this.root, !model);
    if (!model) return;
    setText(this.name, model.name);
    setText(this.phase, status ? PHASE_WORDS[status.phase] : '');
    setAttribute(this.phase, 'data-phase', status?.phase ?? null);
    setHidden(this.phase, !status);
    setText(this.where, this.whereText());
    setAttribute(this.where, 'data-phase', status?.phase ?? null);
    setHidden(this.train, status !== null || model.problem !== undefined);
    this.field.set(intent.field);
    this.sort.set(intent.sort);
  }

  private whereText(): string {
    const { status, seed, shown, model } = this.context.run;
    if (!status && model?.problem) return `Can be looked at but not trained: ${model.problem}`;
    if (!status)
      return `Not trained yet. These are the numbers that training will start from${seed === null ? '' : `, drawn by seed ${seed}`}.`;
    if ((status.phase === 'failed' || status.phase === 'preparing') && status.message) return status.message;
    const step = shown?.step ?? status.step;
    return `Step ${formatCount(step)}${status.totalSteps ? ` of ${formatCount(status.totalSteps)}` : ''} · seed ${status.seed}`;
  }
}
