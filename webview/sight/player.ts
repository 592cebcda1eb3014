import { commandButton } from '../ui/controls';
import { element } from '../ui/dom';

/** What is played; each shows its next moment and says whether there was one. */
interface Plays {
  /** Over the image, position by position. */
  slide(): boolean;
  /** The products of one position, one by one. */
  add(): boolean;
  ended(): void;
}

const SLIDE_MS = 140;
const ADD_MS = 650;

/** Buttons that play the convolution; nothing moves before one is pressed, and the same button stops it. */
export class Player {
  readonly root: HTMLElement;
  private timer: ReturnType<typeof setInterval> | null = null;
  private readonly buttons;
  private playing: 'slide' | 'add' | null = null;

  constructor(private readonly plays: Plays) {
    const button = (kind: 'slide' | 'add') =>
      commandButton({ label: LABELS[kind], kind: 'secondary', onPress: () => (this.playing === kind ? this.stop() : this.play(kind)) });
    this.buttons = {
      slide: button('slide'),
      add: button('add'),
    };
    this.root = element('div', { class: 'button-row' }, this.buttons.slide.root, this.buttons.add.root);
  }

  get isPlaying(): boolean {
    return this.timer !== null;
  }

  stop(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.playing = null;
    this.name();
    this.plays.ended();
  }

  private play(kind: 'slide' | 'add'): void {
    this.stop();
    this.playing = kind;
    this.name();
    const next = () => {
      // Folded away or closed: nobody watches.
      if (!this.root.isConnected || this.root.offsetParent === null || !this.plays[kind]()) this.stop();
    };
    this.timer = setInterval(next, kind === 'slide' ? SLIDE_MS : ADD_MS);
    next();
  }

  private name(): void {
    for (const kind of ['slide', 'add'] as const) this.buttons[kind].setLabel(this.playing === kind ? 'Stop' : LABELS[kind]);
  }
}

const LABELS = { slide: 'Slide over the image', add: 'Add up one by one' };
