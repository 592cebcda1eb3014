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

/** NumPy's own format (version 1.0): little-endian float32 in C order. */
export function toNpy(values: Float32Array, shape: readonly number[]): ArrayBuffer {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Magic, version and length take 10 bytes; with the header they are to be a multiple of 64.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + values.length * 4);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(`${description.padEnd(length - 11)}\n`), 10);
  values.forEach((v, i) => view.setFloat32(length + i * 4, v, true));
  return bytes.buffer;
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
