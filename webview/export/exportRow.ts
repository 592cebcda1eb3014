import type { PanelContext } from '../panel/context';
import { element } from '../ui/dom';
import type { ExportSubject } from './exportSubject';
import { toPng } from './toPng';
import { toSvg } from './toSvg';
import { toCsv, toNpy } from './toTable';
import { wholePicture } from './wholePicture';

type Format = 'PNG' | 'SVG' | 'CSV' | 'npy';

const HINTS: Record<Format, string> = {
  PNG: 'Save the picture with its colour bar',
  SVG: 'Save the picture as vectors',
  CSV: 'Save the numbers as a table: every weight with its gradient, update and change',
  npy: 'Save the numbers for NumPy',
};

/** Saves what is on screen as a picture or as numbers. */
export class ExportRow {
  readonly root = element('div', { class: 'export-row', attributes: { role: 'group', 'aria-label': 'Save this view' } });

  constructor(
    private readonly context: PanelContext,
    private readonly subject: () => ExportSubject | null,
  ) {
    this.root.append(
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
    try {
      const bytes = await encode(subject, format);
      await this.context.perform('saveFile', { name: `${subject.fileName}.${format.toLowerCase()}`, bytes });
    } catch (error) {
      this.context.complain((error as Error).message);
    }
  }
}

async function encode(subject: ExportSubject, format: Format): Promise<ArrayBuffer> {
  const ratio = window.devicePixelRatio || 1;
  switch (format) {
    case 'PNG':
      return toPng(wholePicture(subject, ratio));
    case 'SVG':
      return textBytes(toSvg(wholePicture(subject, ratio)));
    case 'CSV':
      return textBytes(toCsv(subject));
    case 'npy':
      return toNpy(subject.values, subject.view.shape);
  }
}

/** UTF-8 in a buffer of exactly its size. */
export function textBytes(text: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(text);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
