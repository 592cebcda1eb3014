import type { Box } from '../../src/insight/receptiveField';
import { element } from '../ui/dom';

/** Lays a frame over a picture; all in shares of it. */
export function placeFrame(node: HTMLElement, [top, left, height, width]: [number, number, number, number]): void {
  node.style.top = `${top * 100}%`;
  node.style.left = `${left * 100}%`;
  node.style.height = `${height * 100}%`;
  node.style.width = `${width * 100}%`;
}

/** A picture with a frame around the part that counts; without one the plain picture. */
export function framed(picture: HTMLElement, box: Box | null, [rows, columns]: readonly number[]): HTMLElement {
  if (!box) return element('div', { class: 'framed' }, picture);
  const frame = element('div', { class: 'receptive-field', attributes: { 'aria-hidden': 'true' } });
  placeFrame(frame, [box.top / rows, box.left / columns, (box.bottom - box.top + 1) / rows, (box.right - box.left + 1) / columns]);
  return element('div', { class: 'framed' }, picture, frame);
}
