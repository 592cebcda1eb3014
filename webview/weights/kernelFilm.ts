import { renderKernelAtlas } from '../../src/common/kernelAtlas';
import { maxAbs } from '../../src/common/stats';
import type { WeightLayout, WeightTensor } from '../../src/common/weightFile';
import { niceCeiling } from '../run/niceScale';
import { element, replaceChildren, setAttribute, setHidden, setText } from '../ui/dom';
import type { WeightsContext } from './weightsContext';

/** Files of a long film that are shown of one kernel. */
const MAX_FRAMES = 48;

interface Frame {
  file: number;
  values: Float32Array | null;
}

/** One kernel in every file of a film, on one scale; a click goes to the file. */
export class KernelFilm {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'Through the film', hidden: true } });
  private readonly note = element('p', { class: 'hint' });
  private readonly strip = element('div', { class: 'film-strip' });
  private frames: Frame[] = [];
  private key = '';
  private drawnKey = '';
  private abort = new AbortController();

  constructor(private readonly context: WeightsContext) {
    this.root.append(element('h3', { class: 'part-title', text: 'Through the film' }), this.note, this.strip);
  }

  draw(tensor: WeightTensor, layout: WeightLayout, filter: number, shape: [number, number, number]): void {
    const { data, theme, intent } = this.context;
    const { snapshot } = data;
    setHidden(this.root, snapshot?.mode !== 'film');
    if (snapshot?.mode !== 'film') return;
    const key = JSON.stringify([snapshot.generation, tensor.name, layout, filter, shape]);
    if (key !== this.key) {
      this.key = key;
      void this.load(tensor, layout, filter, shape);
    }
    const known = this.frames.filter((f) => f.values);
    const drawnKey = JSON.stringify([key, known.length, theme, intent.file]);
    if (drawnKey === this.drawnKey) return;
    this.drawnKey = drawnKey;
    const scale = niceCeiling(Math.max(0, ...known.map((f) => maxAbs(f.values as Float32Array))));
    setText(
      this.note,
      known.length < this.frames.length ? `Reading … ${known.length} of ${this.frames.length}` : `One colour scale, ±${scale}`,
    );
    replaceChildren(
      this.strip,
      ...known.map(({ file, values }) => {
        const picture = renderKernelAtlas(values as Float32Array, [...shape, 1], {
          theme,
          scale,
          mode: shape[2] > 16 ? 'norm' : 'channels',
        });
        const canvas = element('canvas', { attributes: { width: picture.width, height: picture.height, 'aria-hidden': 'true' } });
        canvas.getContext('2d')?.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
        const { name } = snapshot.files[file];
        const button = element('button', { class: 'film-frame', title: name, attributes: { type: 'button', 'aria-label': name } }, canvas);
        setAttribute(button, 'aria-current', file === intent.file ? 'true' : null);
        button.addEventListener('click', () => this.context.change({ file }));
        return button;
      }),
    );
  }

  private async load(tensor: WeightTensor, layout: WeightLayout, filter: number, shape: number[]): Promise<void> {
    this.abort.abort();
    const { signal } = (this.abort = new AbortController());
    const { data } = this.context;
    const count = data.snapshot?.files.length ?? 0;
    const every = Math.max(1, Math.ceil(count / MAX_FRAMES));
    this.frames = Array.from({ length: Math.ceil(count / every) }, (_, i) => ({ file: i * every, values: null }));
    for (const frame of [...this.frames]) {
      try {
        const values = await data.kernel({ file: frame.file, tensor: tensor.name }, layout, filter, signal);
        if (signal.aborted) return;
        if (values.length === shape.reduce((a, b) => a * b, 1)) frame.values = values;
        else this.frames = this.frames.filter((f) => f !== frame);
      } catch (error) {
        if (signal.aborted) return;
        // A file without this tensor, or one that can't be read, is left out of the strip.
        this.frames = this.frames.filter((f) => f !== frame);
      }
      this.context.requestDraw();
    }
  }
}
