import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { icon } from '../ui/icons';
import { segmented } from '../ui/segmented';
import type { FilmField, WeightsContext } from './weightsContext';

const PLAY_INTERVAL_MS = 180;

/** The time slider over the files of a film. */
export class FilmBar {
  readonly root = element('footer', { class: 'timeline', attributes: { 'aria-label': 'Film', hidden: true } });
  private readonly slider = element('input', {
    class: 'time-slider',
    attributes: { type: 'range', min: 0, step: 1, 'aria-label': 'Files of the film' },
  });
  private readonly where = element('output', { class: 'time-where' });
  private readonly play;
  private readonly field;
  private timer: number | null = null;

  constructor(private readonly context: WeightsContext) {
    this.play = element('button', { class: 'icon-button', attributes: { type: 'button' }, on: { click: () => this.toggle() } });
    this.slider.addEventListener('input', () => {
      this.stop();
      context.change({ file: Number(this.slider.value) });
    });
    this.field = segmented<FilmField>(
      'What is shown',
      [
        { value: 'value', label: 'Values' },
        { value: 'sinceFirst', label: 'Change since the first' },
        { value: 'sincePrevious', label: 'Change since the one before' },
      ],
      (field) => context.change({ field }),
    );
    this.root.append(this.play, this.slider, this.where, this.field.root);
  }

  draw(): void {
    const { data, intent } = this.context;
    const { snapshot } = data;
    const isFilm = snapshot?.mode === 'film';
    setHidden(this.root, !isFilm);
    if (!isFilm) return;
    setAttribute(this.slider, 'max', snapshot.files.length - 1);
    if (Number(this.slider.value) !== intent.file) this.slider.value = String(intent.file);
    const text = `${snapshot.files[intent.file]?.name ?? ''} · ${intent.file + 1} of ${snapshot.files.length}`;
    setText(this.where, text);
    setAttribute(this.slider, 'aria-valuetext', text);
    this.field.set(intent.field);
    const label = this.timer === null ? 'Play the film' : 'Pause the film';
    if (this.play.title !== label) {
      this.play.title = label;
      this.play.setAttribute('aria-label', label);
      this.play.replaceChildren(icon(this.timer === null ? 'play' : 'pause'));
    }
  }

  private toggle(): void {
    if (this.timer !== null) return this.stop();
    const count = this.context.data.snapshot?.files.length ?? 0;
    const next = (): void => {
      const { intent, data } = this.context;
      const file = data.file(intent.file);
      // The film waits for a file that is still being opened.
      if (file?.info || file?.error) {
        if (intent.file >= count - 1) return this.stop();
        this.context.change({ file: intent.file + 1 });
      }
      this.timer = window.setTimeout(next, PLAY_INTERVAL_MS);
    };
    if (this.context.intent.file >= count - 1) this.context.change({ file: 0 });
    this.timer = window.setTimeout(next, PLAY_INTERVAL_MS);
    this.context.requestDraw();
  }

  private stop(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.context.requestDraw();
  }
}
