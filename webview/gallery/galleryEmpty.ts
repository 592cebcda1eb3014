import { element, setHidden, setText } from '../ui/dom';
import { plainButton } from '../ui/nativeControls';
import type { GalleryContext } from './galleryContext';

/** What the gallery says where there are no kernels to show, with the way on. */
export class GalleryEmpty {
  readonly root = element('section', { class: 'gallery-empty', attributes: { hidden: true } });
  private readonly sentence = element('p');
  private readonly buttons: HTMLElement;

  constructor(context: GalleryContext) {
    const command = (label: string, kind: 'primary' | 'secondary', name: string) =>
      plainButton({ label, kind, onPress: () => void context.perform('runCommand', { command: `kernelscope.${name}` }) });
    this.buttons = element(
      'div',
      { class: 'button-column' },
      command('Train CNN', 'primary', 'trainCnn'),
      command('Open the sample model', 'secondary', 'openSample'),
      command('Open a run…', 'secondary', 'openRun'),
    );
    this.root.append(this.sentence, this.buttons);
  }

  /** @param cards how many layers there are to show */
  draw({ run }: GalleryContext, cards: number): void {
    setHidden(this.root, !run.isHydrated || cards > 0);
    setHidden(this.buttons, run.model !== null);
    setText(
      this.sentence,
      run.model
        ? `${run.model.name} has no convolutional layers, so there are no kernels to show. Its other weights can be looked at in the panel.`
        : 'The kernels of your CNN appear here: open a file that defines one (Keras, say) and press Train CNN.',
    );
  }
}
