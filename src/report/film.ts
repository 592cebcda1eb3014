import { GIFEncoder } from 'gifenc';
import { signedColorMap, ZERO_INDEX } from '../common/colorMap';
import { atlasLayout } from '../common/kernelAtlas';
import { kernelKind } from '../common/kernelGeometry';
import type { LayerInfo, WeightSpec } from '../common/modelSpec';
import { maxAbs } from '../common/stats';
import { drawPixelText } from './pixelDigits';

export interface FilmStep {
  step: number;
  values: Float32Array;
}

/** A GIF has 256 colours: background and text take two, the weights' map the rest. */
const MAP_COLOURS = 254;
const [BACKGROUND, TEXT] = [254, 255];
const FRAME_MS = 120;
const LAST_FRAME_MS = 1600;
const DOT = 2;
const MARGIN = 8;
const HEAD = 5 * DOT + MARGIN;
const MAX_PIXELS = 400_000_000;

/**
 * The story of a layer's kernels, or of one, as a GIF: a picture per stored step, all on one scale, the step written above.
 * @throws RangeError when it would be too large.
 */
export function film(layer: LayerInfo, weight: WeightSpec, steps: readonly FilmStep[], kernel: number | null): Uint8Array {
  const kind = kernelKind(layer.className, weight.name);
  const layout = atlasLayout(weight.shape, {
    kind,
    maxWidth: 480,
    ...(kernel === null ? {} : { order: [kernel], pixelsPerWeight: Math.max(4, Math.floor(160 / (weight.shape[0] || 1))) }),
  });
  const width = Math.max(layout.width, 4 * DOT * `step ${steps.at(-1)?.step ?? 0}`.length) + 2 * MARGIN;
  const height = layout.height + HEAD + 2 * MARGIN;
  if (width * height * steps.length > MAX_PIXELS)
    throw new RangeError(
      `a film of ${steps.length} pictures of ${width} × ${height} points would be too large; give one kernel with --kernel`,
    );
  const prepared = steps.map((s) => layout.prepare(s.values));
  const scale = Math.max(...prepared.map(maxAbs), Number.MIN_VALUE);
  const { words, bytes } = signedColorMap('light');
  const indexOf = new Map<number, number>();
  for (let i = 0; i <= 2 * ZERO_INDEX; i++) indexOf.set(words[i], Math.round((i * (MAP_COLOURS - 1)) / (2 * ZERO_INDEX)));
  const entry = (k: number) => Math.round((k * 2 * ZERO_INDEX) / (MAP_COLOURS - 1)) * 4;
  const palette = Array.from({ length: MAP_COLOURS }, (_, k) => [...bytes.subarray(entry(k), entry(k) + 3)]);
  palette.push([255, 255, 255], [40, 40, 40]);
  const gif = GIFEncoder();
  const picture = new Uint32Array(layout.width * layout.height);
  steps.forEach(({ step }, i) => {
    picture.fill(0);
    layout.paint(picture, 0, layout.height, prepared[i], scale, 'light');
    const index = new Uint8Array(width * height).fill(BACKGROUND);
    for (let y = 0; y < layout.height; y++)
      for (let x = 0; x < layout.width; x++) {
        const word = picture[y * layout.width + x];
        if (word !== 0) index[(y + MARGIN + HEAD) * width + x + MARGIN] = indexOf.get(word) ?? BACKGROUND;
      }
    drawPixelText(`step ${step}`, (x, y) => {
      for (let dy = 0; dy < DOT; dy++)
        for (let dx = 0; dx < DOT; dx++) index[(MARGIN + y * DOT + dy) * width + MARGIN + x * DOT + dx] = TEXT;
    });
    gif.writeFrame(index, width, height, {
      ...(i === 0 ? { palette, repeat: 0 } : {}),
      delay: i === steps.length - 1 ? LAST_FRAME_MS : FRAME_MS,
    });
  });
  gif.finish();
  return gif.bytes();
}
