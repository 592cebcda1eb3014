import { tileCount, tileOffsets } from '../kernels/kernelMeasures';
import { kernelGeometry } from '../../src/common/kernelGeometry';
import type { WeightView } from '../run/layerView';
import type { ExportSubject } from './exportSubject';

/** Every weight a line: where it is, and all that the frame tells of it. Numbers as short as they can be without losing a bit. */
export function toCsv({ view, columns }: Pick<ExportSubject, 'view' | 'columns'>): string {
  const geometry = kernelGeometry(view.shape, view.kind);
  const places = geometry ? ['row', 'column', 'channel'] : view.shape.length >= 2 ? ['input'] : [];
  const lines = [[view.item, ...places, ...columns.map((c) => c.name)].join(',')];
  for (let tile = 0; tile < tileCount(view); tile++) {
    tileOffsets(view, tile).forEach((offset, place) => {
      lines.push([tile, ...placeOf(view, place), ...columns.map((c) => shortest(c.values[offset]))].join(','));
    });
  }
  return `${lines.join('\n')}\n`;
}

function placeOf(view: WeightView, place: number): number[] {
  const geometry = kernelGeometry(view.shape, view.kind);
  if (!geometry) return view.shape.length >= 2 ? [place] : [];
  const at = Math.floor(place / geometry.cin);
  return [Math.floor(at / geometry.kw), at % geometry.kw, place % geometry.cin];
}

/** The shortest decimal that is this float32 again. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
