import { element } from '../ui/dom';
import type { WholePicture } from './wholePicture';

/** @throws Error when the browser can't draw it. */
export async function toPng(picture: WholePicture): Promise<ArrayBuffer> {
  const canvas = element('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser could not draw the picture.');
  context.fillStyle = picture.background;
  context.fillRect(0, 0, picture.width, picture.height);
  for (const { x, y, image } of picture.images) {
    // Through a canvas of its own: putImageData would punch holes where it is transparent.
    const part = element('canvas');
    part.width = image.width;
    part.height = image.height;
    part.getContext('2d')?.putImageData(image, 0, 0);
    context.drawImage(part, x, y);
  }
  for (const t of picture.texts) {
    context.fillStyle = t.color;
    context.font = `${t.size}px system-ui, sans-serif`;
    context.textAlign = t.anchor === 'middle' ? 'center' : t.anchor;
    context.fillText(t.text, t.x, t.y);
  }
  return canvasToPng(canvas);
}

export async function canvasToPng(canvas: HTMLCanvasElement): Promise<ArrayBuffer> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('The browser could not make a PNG of the picture; make the tiles smaller.');
  return blob.arrayBuffer();
}
