import { encodeNpy } from '../../src/common/npy';
import type { PanelContext } from '../panel/context';
import { element, setText } from '../ui/dom';
import type { ExportSubject } from './exportSubject';
import { filmFrames } from './filmFrames';
import { textBytes } from './textBytes';
import { toGif } from './toGif';
import { toPng } from './toPng';
import { toSvg } from './toSvg';
import { toCsv } from './toTable';
import { wholePicture } from './wholePicture';

type Format = 'PNG' | 'SVG' | 'GIF' | 'CSV' | 'npy';

const HINTS: Record<Format, string> = {
  PNG: 'Save the picture with its colour bar',
  SVG: 'Save the picture as vectors',
  GIF: 'Save a film of it through the stored steps',
  CSV: 'Save the numbers as a table: every weight with its gradient, update and change',
  npy: 'Save the numbers for NumPy',
};

/** Saves what is on screen as a picture, a film or numbers. */
export class ExportRow {
  readonly root = element('div', { class: 'export-row', attributes: { role: 'group', 'aria-label': 'Save this view' } });
  private readonly progress = element('span', { class: 'field-label', attributes: { role: 'status' } });
  private filming: AbortController | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly subject: () => ExportSubject | null,
  ) {
    this.root.append(
      this.progress,
      element('span', { class: 'field-label', text: 'Save' }),
      ...(Object.keys(HINTS) as Format[]).map((format) =>
        element('button', {
          class: 'link',
          text: format,
          title: HINTS[format],
          attributes: { type: 'button', 'aria-label': HINTS[format] },
          on: { click: () => void this.save(format) },
        }),
      ),
    );
  }

  private async save(format: Format): Promise<void> {
    const subject = this.subject();
    if (!subject) return;
    this.filming?.abort();
    const filming = (this.filming = new AbortController());
    try {
      const bytes = format === 'GIF' ? await this.film(subject, filming.signal) : await encode(subject, format);
      await this.context.perform('saveFile', { name: `${subject.fileName}.${format.toLowerCase()}`, bytes });
    } catch (error) {
      if (!filming.signal.aborted) this.context.complain((error as Error).message);
    } finally {
      if (this.filming === filming) {
        this.filming = null;
        setText(this.progress, '');
      }
    }
  }

  private async film(subject: ExportSubject, signal: AbortSignal): Promise<ArrayBuffer> {
    const { run, layer, weight, intent } = this.context;
    if (!layer || !weight) throw new Error('Choose a layer first.');
    setText(this.progress, 'Reading the stored frames…');
    const { frames, scale } = await filmFrames(run, intent.field, layer, weight, subject.layout, signal);
    // The title of a film says its step frame by frame.
    const title = subject.title.replace(/ at step \d+$/, '');
    return toGif({ ...subject, scale, title }, frames, signal, (done) => setText(this.progress, `Frame ${done} of ${frames.length}`));
  }
}

async function encode(subject: ExportSubject, format: Exclude<Format, 'GIF'>): Promise<ArrayBuffer> {
  const ratio = window.devicePixelRatio || 1;
  switch (format) {
    case 'PNG':
      return toPng(wholePicture(subject, ratio));
    case 'SVG':
      return textBytes(toSvg(wholePicture(subject, ratio)));
    case 'CSV':
      return textBytes(toCsv(subject));
    case 'npy':
      return encodeNpy(subject.values, subject.view.shape).buffer;
  }
}
