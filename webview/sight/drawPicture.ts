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

/** An image in the light of a map over it: full brightness where the map is largest, a fifth where it is 0. */
export function drawLit(
  canvas: HTMLCanvasElement,
  pixels: Float32Array,
  shape: readonly number[],
  light: Float32Array,
  [mapRows, mapColumns]: readonly [number, number],
): void {
  drawImage(canvas, pixels, shape);
  const context = canvas.getContext('2d');
  const image = context?.getImageData(0, 0, canvas.width, canvas.height);
  if (!context || !image) return;
  const [rows, columns] = shape;
  const largest = light.reduce((a, b) => Math.max(a, b), 0);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const v = between(light, mapRows, mapColumns, ((y + 0.5) * mapRows) / rows - 0.5, ((x + 0.5) * mapColumns) / columns - 0.5);
      const share = 0.2 + 0.8 * (largest > 0 ? v / largest : 0);
      for (let c = 0; c < 3; c++) image.data[(y * columns + x) * 4 + c] *= share;
    }
  context.putImageData(image, 0, 0);
}

/** Bilinear, the border's values going on beyond it. */
function between(map: Float32Array, rows: number, columns: number, y: number, x: number): number {
  const clamp = (v: number, n: number) => Math.min(n - 1, Math.max(0, v));
  const [top, left] = [Math.floor(clamp(y, rows)), Math.floor(clamp(x, columns))];
  const [bottom, right] = [Math.min(rows - 1, top + 1), Math.min(columns - 1, left + 1)];
  const [dy, dx] = [clamp(y, rows) - top, clamp(x, columns) - left];
  const at = (r: number, c: number) => map[r * columns + c];
  return (1 - dy) * ((1 - dx) * at(top, left) + dx * at(top, right)) + dy * ((1 - dx) * at(bottom, left) + dx * at(bottom, right));
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
