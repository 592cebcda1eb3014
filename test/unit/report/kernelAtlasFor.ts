import { KernelLayout } from '../../../src/common/kernelLayout';
import { kernelGeometry } from '../../../src/common/kernelGeometry';

/** Where every weight of conv kernels stands in a report's picture: top left corners of its squares. */
export function kernelAtlasFor(shape: readonly number[]): {
  width: number;
  pixelsPerWeight: number;
  places: { offset: number; x: number; y: number }[];
} {
  const geometry = kernelGeometry(shape);
  if (!geometry) throw new Error('no kernels');
  const layout = new KernelLayout(geometry, { maxWidth: 460, gap: shape[2] > 1 ? 8 : 4 });
  const places = new Map<number, { offset: number; x: number; y: number }>();
  for (let y = 0; y < layout.height; y++)
    for (let x = 0; x < layout.width; x++) {
      const hit = layout.hit(x, y);
      if (hit && hit.offset !== null && !places.has(hit.offset)) places.set(hit.offset, { offset: hit.offset, x, y });
    }
  return { width: layout.width, pixelsPerWeight: layout.pixelsPerWeight, places: [...places.values()] };
}
