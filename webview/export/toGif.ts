import { GIFEncoder } from 'gifenc';
import { signedColorMap, ZERO_INDEX, type ColorTheme } from '../../src/common/colorMap';
import { element } from '../ui/dom';
import type { ExportSubject } from './exportSubject';
import { wholePicture } from './wholePicture';

export interface FilmFrame {
  step: number;
  values: Float32Array;
}

/** A GIF has 256 colours: these are of weights, the rest are for background and text. */
const MAP_COLOURS = 232;
const FRAME_MS = 120;
const LAST_FRAME_MS = 1600;
const MAX_PIXELS = 400_000_000;

/**
 * The tiles at every step, on one scale for all, with the step written above; it begins anew without end.
 * @param onProgress called with the frames done; the page gets its turn between frames
 * @throws RangeError when the film would be too large, Error when `signal` fires.
 */
export async function toGif(
  subject: ExportSubject,
  frames: readonly FilmFrame[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<ArrayBuffer> {
  const gif = GIFEncoder();
  const { palette, indexOf } = paletteOf(subject);
  for (const [i, { step, values }] of frames.entries()) {
    signal.throwIfAborted();
    const title = `${subject.title}, step ${step}`;
    const picture = wholePicture({ ...subject, values, title }, 1);
    if (picture.width * picture.height * frames.length > MAX_PIXELS)
      throw new RangeError('The film would be too large; make the tiles smaller, or show fewer of them.');
    const canvas = element('canvas');
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('The browser could not draw the film.');
    context.fillStyle = picture.background;
    context.fillRect(0, 0, picture.width, picture.height);
    for (const t of picture.texts) {
      context.fillStyle = t.color;
      context.font = `${t.size}px system-ui, sans-serif`;
      context.textAlign = t.anchor === 'middle' ? 'center' : t.anchor;
      context.fillText(t.text, t.x, t.y);
    }
    const pixels = new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer);
    for (const { x, y, image } of picture.images) {
      const words = new Uint32Array(image.data.buffer);
      for (let row = 0; row < image.height; row++)
        for (let column = 0; column < image.width; column++) {
          const word = words[row * image.width + column];
          if (word !== 0) pixels[(y + row) * picture.width + x + column] = word;
        }
    }
    const index = new Uint8Array(pixels.length);
    for (let p = 0; p < pixels.length; p++) index[p] = indexOf(pixels[p]);
    const delay = i === frames.length - 1 ? LAST_FRAME_MS : FRAME_MS;
    gif.writeFrame(index, picture.width, picture.height, { ...(i === 0 ? { palette, repeat: 0 } : {}), delay });
    onProgress(i + 1);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  gif.finish();
  const bytes = gif.bytes();
  return bytes.slice().buffer;
}

/** Colours of weights from the map itself, and greys from the background to the text. */
function paletteOf({ theme }: Pick<ExportSubject, 'theme'>): { palette: number[][]; indexOf(word: number): number } {
  const { bytes, words } = signedColorMap(theme);
  const palette: number[][] = [];
  const known = new Map<number, number>();
  const tableIndex = (k: number) => Math.round((k * 2 * ZERO_INDEX) / (MAP_COLOURS - 1));
  for (let k = 0; k < MAP_COLOURS; k++) palette.push([...bytes.subarray(tableIndex(k) * 4, tableIndex(k) * 4 + 3)]);
  for (let i = 0; i <= 2 * ZERO_INDEX; i++) known.set(words[i], Math.round((i * (MAP_COLOURS - 1)) / (2 * ZERO_INDEX)));
  const [dark, light] = GREYS[theme];
  const greys = 256 - MAP_COLOURS;
  for (let g = 0; g < greys; g++) palette.push(Array<number>(3).fill(Math.round(dark + ((light - dark) * g) / (greys - 1))));
  const indexOf = (word: number) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const green = (word >>> 8) & 0xff;
    const g = Math.round(((green - dark) / (light - dark)) * (greys - 1));
    const index = MAP_COLOURS + Math.max(0, Math.min(greys - 1, g));
    known.set(word, index);
    return index;
  };
  return { palette, indexOf };
}

/** From the paper's colour to the text's, as wholePicture draws them. */
const GREYS: Record<ColorTheme, [number, number]> = {
  dark: [0x1f, 0xe0],
  light: [0xff, 0x20],
  'high-contrast': [0x00, 0xff],
  'high-contrast-light': [0xff, 0x00],
};
