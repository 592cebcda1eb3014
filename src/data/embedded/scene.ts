import type { Random } from '../../common/random';
import { addStroke, emptyCoverage, type Coverage } from './coverage';

/** A picture being drawn: height × width × channels values, 0 dark to 1 bright. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/** A picture of something, and where it is. */
export interface SubjectScene extends Scene {
  readonly subject: Coverage;
}

export type Colour = readonly number[];

/** A picture whose colour runs from one colour to another along a random direction, with a soft bright or dark patch. */
export function gradientScene(width: number, height: number, from: Colour, to: Colour, patch: number, random: Random): Scene {
  const channels = from.length;
  const values = new Float32Array(width * height * channels);
  const angle = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle) / width, Math.sin(angle) / height];
  const [cx, cy, spread] = [random.next() * width, random.next() * height, random.uniform(0.15, 0.5) * Math.min(width, height)];
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = Math.min(1, Math.max(0, 0.5 + cos * (x + 0.5 - width / 2) + sin * (y + 0.5 - height / 2)));
      const distance = ((x - cx) ** 2 + (y - cy) ** 2) / (spread * spread);
      const glow = patch / (1 + distance * distance);
      for (let c = 0; c < channels; c++) values[at++] = from[c] + (to[c] - from[c]) * along + glow;
    }
  }
  return { width, height, channels, values };
}

/** Paints a colour through a coverage. */
export function paint(scene: Scene, coverage: Coverage, colour: Colour, opacity: number): void {
  const { channels, values } = scene;
  for (let p = 0; p < coverage.values.length; p++) {
    const alpha = coverage.values[p] * opacity;
    if (alpha === 0) continue;
    for (let c = 0; c < channels; c++) values[p * channels + c] += alpha * (colour[c] - values[p * channels + c]);
  }
}

/** A short stray stroke anywhere, at most `length` of the smaller side long. */
export function strayStroke(width: number, height: number, length: number, radius: number, random: Random): Coverage {
  const coverage = emptyCoverage(width, height);
  const size = Math.min(width, height);
  const angle = random.uniform(0, 2 * Math.PI);
  const reach = random.uniform(0.3, 1) * length * size * 0.5;
  const [x, y] = [random.next() * width, random.next() * height];
  const [dx, dy] = [Math.cos(angle) * reach, Math.sin(angle) * reach];
  addStroke(coverage, [x - dx, y - dy, x + dx, y + dy], radius);
  return coverage;
}

/** Adds noise to every value, each the sum of two random bytes (a triangular distribution). */
export function addNoise(scene: Scene, deviation: number, random: Random): void {
  const { values } = scene;
  const scale = deviation / 104.5; // the standard deviation of such a sum
  for (let i = 0; i < values.length; i += 2) {
    const bits = random.nextUint32();
    values[i] += scale * ((bits & 255) + ((bits >>> 8) & 255) - 255);
    if (i + 1 < values.length) values[i + 1] += scale * (((bits >>> 16) & 255) + (bits >>> 24) - 255);
  }
}

/** Writes the picture as bytes, as an image file would hold it. */
export function toBytes(scene: Scene, out: Uint8Array, at: number): void {
  for (let i = 0; i < scene.values.length; i++) out[at + i] = Math.round(255 * Math.min(1, Math.max(0, scene.values[i])));
}
