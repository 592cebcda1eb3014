import { colorFactor, colorIndexOf, signedColorMap, type ColorTheme } from '../../src/common/colorMap';
import { element } from '../ui/dom';

/** A small canvas whose pixels are drawn as squares; CSS decides how large they are. */
export function pictureCanvas(label: string): HTMLCanvasElement {
  return element('canvas', { class: 'picture', attributes: { role: 'img', 'aria-label': label } });
}

/** An image as the model sees it: from its smallest value (black) to its largest (white); three channels as red, green, blue. */
export function drawImage(canvas: HTMLCanvasElement, pixels: Float32Array, [rows, columns, channels]: readonly number[]): void {
  let [low, high] = [Infinity, -Infinity];
  for (const v of pixels) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const factor = high > low ? 255 / (high - low) : 0;
  fill(canvas, rows, columns, (data) => {
    for (let i = 0; i < rows * columns; i++) {
      for (let c = 0; c < 3; c++) data[i * 4 + c] = (pixels[i * channels + (channels >= 3 ? c : 0)] - low) * factor;
      data[i * 4 + 3] = 255;
    }
  });
}

/** Signed values in the colours of weights, on a scale of ±`scale`. */
export function drawSigned(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  scale: number,
  theme: ColorTheme,
): void {
  const table = signedColorMap(theme).words;
  const factor = colorFactor(scale);
  fill(canvas, rows, columns, (data) => {
    const words = new Uint32Array(data.buffer);
    for (let i = 0; i < rows * columns; i++) words[i] = table[colorIndexOf(values[i] * factor)];
  });
}

function fill(canvas: HTMLCanvasElement, rows: number, columns: number, paint: (data: Uint8ClampedArray<ArrayBuffer>) => void): void {
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const image = new ImageData(columns, rows);
  paint(image.data);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
