import { colorIndex, signedColorMap } from './colorMap';
import type { AtlasOptions, AtlasTile, KernelAtlas } from './kernelAtlas';
import { maxAbs } from './stats';

/** How a matrix or vector is laid out: its longer axis runs across and breaks into bands where it gets too wide. */
export interface HeatMapPlan {
  /** Values along the axis that runs across, and down each band. */
  across: number;
  down: number;
  /** True when units (the last axis) run down, inputs across. */
  hasUnitsDown: boolean;
  perBand: number;
  bands: number;
  pixelsPerWeight: number;
  bandGap: number;
  width: number;
  height: number;
}

/** @param shape [inputs, units] or [n]; anything without axes is one value. */
export function planHeatMap(shape: readonly number[], options: Pick<AtlasOptions, 'pixelsPerWeight' | 'maxWidth' | 'gap'>): HeatMapPlan {
  const [inputs, units] = shape.length >= 2 ? [shape[0], shape[1]] : [1, shape[0] ?? 1];
  const hasUnitsDown = shape.length >= 2 && inputs > units;
  const across = hasUnitsDown ? inputs : units;
  const down = hasUnitsDown ? units : inputs;
  const maxWidth = options.maxWidth ?? 640;
  const fitting = Math.min(shape.length >= 2 ? 12 : 20, Math.max(2, Math.floor(maxWidth / across)));
  const pixelsPerWeight = Math.max(1, Math.floor(options.pixelsPerWeight ?? fitting));
  const perBand = Math.max(1, Math.min(across, Math.floor(maxWidth / pixelsPerWeight)));
  const bands = Math.ceil(across / perBand);
  const bandGap = options.gap ?? Math.max(3, pixelsPerWeight);
  return {
    across,
    down,
    hasUnitsDown,
    perBand,
    bands,
    pixelsPerWeight,
    bandGap,
    width: Math.max(1, perBand * pixelsPerWeight),
    height: Math.max(1, bands * (down * pixelsPerWeight + bandGap) - bandGap),
  };
}

/** A matrix or vector as a heat map; its tiles are, band by band, what belongs to one unit (in a vector: one number). */
export function renderHeatMap(values: Float32Array, shape: readonly number[], options: AtlasOptions): KernelAtlas {
  const plan = planHeatMap(shape, options);
  const { across, down, perBand, bands, pixelsPerWeight: n, bandGap, width, height, hasUnitsDown } = plan;
  const units = hasUnitsDown ? down : across;
  const scale = options.scale ?? maxAbs(values);
  const table = signedColorMap(options.theme).words;
  const reuse = options.reuse?.length === width * height * 4 ? options.reuse : undefined;
  const data = reuse ?? new Uint8ClampedArray(width * height * 4);
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  words.fill(0);
  const tiles: AtlasTile[] = [];
  for (let band = 0; band < bands; band++) {
    const first = band * perBand;
    const count = Math.min(perBand, across - first);
    const top = band * (down * n + bandGap);
    for (let row = 0; row < down; row++) {
      const from = (top + row * n) * width;
      let at = from;
      for (let i = first; i < first + count; i++) {
        const word = table[colorIndex(values[hasUnitsDown ? i * units + row : row * units + i], scale)];
        for (let p = 0; p < n; p++) words[at++] = word;
      }
      for (let p = 1; p < n; p++) words.copyWithin(from + p * width, from, at);
      if (hasUnitsDown) tiles.push({ filter: row, x: 0, y: top + row * n, width: count * n, height: n });
    }
    if (!hasUnitsDown) for (let i = 0; i < count; i++) tiles.push({ filter: first + i, x: i * n, y: top, width: n, height: down * n });
  }
  return { width, height, data, scale, tiles, mode: shape.length >= 2 ? 'matrix' : 'vector', pixelsPerWeight: n };
}
