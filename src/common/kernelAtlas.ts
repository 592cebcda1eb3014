import type { AtlasLayout, AtlasTile } from './atlasLayout';
import type { ColorTheme } from './colorMap';
import { HeatMapLayout } from './heatMapLayout';
import { kernelGeometry, type KernelKind } from './kernelGeometry';
import { KernelLayout, type KernelLayoutOptions } from './kernelLayout';
import { maxAbs } from './stats';

export interface AtlasOptions extends KernelLayoutOptions {
  theme: ColorTheme;
  /** Symmetric: colours end at ±scale. By default the largest |value| drawn, one for the whole layer. */
  scale?: number;
  kind?: KernelKind;
  /** Pixels of an earlier picture to draw into when its size fits, to spare an allocation. */
  reuse?: Uint8ClampedArray<ArrayBuffer>;
}

export interface KernelAtlas {
  width: number;
  height: number;
  /** RGBA, rows from the top; transparent between tiles. */
  data: Uint8ClampedArray<ArrayBuffer>;
  /** The scale drawn with: the colour bar's ends are ±scale. */
  scale: number;
  tiles: AtlasTile[];
  mode: AtlasLayout['mode'];
  pixelsPerWeight: number;
}

/** The layout for a weight: tiles for kernels, a heat map for a dense kernel [inputs, units] or a vector [n]. */
export function atlasLayout(shape: readonly number[], options: KernelLayoutOptions & Pick<AtlasOptions, 'kind'> = {}): AtlasLayout {
  const geometry = kernelGeometry(shape, options.kind);
  return geometry ? new KernelLayout(geometry, options) : new HeatMapLayout(shape, options);
}

/**
 * Draws a layer's weight as one picture. Every weight is a flat square in exactly its table colour, and all share one symmetric
 * scale, so tiles can be compared.
 * @param values in `shape`'s row-major order, as Keras stores them: [kh, kw, cin, filters].
 * @throws RangeError when the number of values is not the shape's.
 */
export function renderKernelAtlas(values: Float32Array, shape: readonly number[], options: AtlasOptions): KernelAtlas {
  const size = shape.reduce((a, b) => a * b, 1);
  if (values.length !== size) throw new RangeError(`shape [${shape.join(', ')}] holds ${size} values, not ${values.length}`);
  const layout = atlasLayout(shape, options);
  const { width, height } = layout;
  const prepared = layout.prepare(values);
  const scale = options.scale ?? maxAbs(prepared);
  const length = width * height * 4;
  const data = options.reuse?.length === length ? options.reuse.fill(0) : new Uint8ClampedArray(length);
  layout.paint(new Uint32Array(data.buffer, data.byteOffset, width * height), 0, height, prepared, scale, options.theme);
  const tiles = Array.from({ length: layout.count }, (_, item) => layout.rectsOf(item)).flat();
  return { width, height, data, scale, tiles, mode: layout.mode, pixelsPerWeight: layout.pixelsPerWeight };
}
