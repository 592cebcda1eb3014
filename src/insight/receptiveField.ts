import type { LayerInfo } from '../common/modelSpec';

/** Rows and columns of a map or an image, both ends included. */
export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

type Size = [rows: number, columns: number];
/** What one axis of a layer does: outputs lo … hi are made from inputs lo … hi. */
type Axis = (lo: number, hi: number, input: number, output: number, axis: 0 | 1) => [number, number];

const SAME =
  /^(InputLayer|BatchNormalization|LayerNormalization|GroupNormalization|UnitNormalization|Activation|ReLU|LeakyReLU|PReLU|ELU|ThresholdedReLU|Softmax|Dropout|SpatialDropout2D|GaussianNoise|GaussianDropout|AlphaDropout|ActivityRegularization|Rescaling|Normalization|Add|Concatenate|Multiply|Average|Maximum|Minimum|Subtract|SyncBatchNormalization)$/;
const WHOLE = /^(Flatten|Dense|GlobalAveragePooling2D|GlobalMaxPooling2D|Reshape)$/;

/**
 * The part of the image that one output of a layer is computed from, in the image's rows and columns; padding is left out.
 * Normalisation in training, which looks at the whole batch, is not counted.
 * @param image [rows, columns] of the model's input
 * @returns null when a layer on the way is not known here.
 */
export function receptiveField(layers: readonly LayerInfo[], layer: string, row: number, column: number, image: Size): Box | null {
  const byName = new Map(layers.map((l) => [l.name, l]));
  const back = (name: string, box: Box): Box | null => {
    const info = byName.get(name);
    if (!info) return box;
    const sources = info.inputs.length > 0 ? info.inputs : [''];
    return sources.map((source) => throughLayer(info, source, box)).reduce(union);
  };
  const throughLayer = (info: LayerInfo, source: string, box: Box): Box | null => {
    const from = byName.get(source);
    const input = from ? mapSize(from) : image;
    const output = mapSize(info);
    const before = input && (output || WHOLE.test(info.className)) ? inputBox(info, box, input, output ?? [1, 1]) : null;
    // Vectors come from vectors until a map made them.
    if (!input && !output) return from ? back(source, box) : null;
    return before && back(source, before);
  };
  return byName.has(layer) ? back(layer, { top: row, left: column, bottom: row, right: column }) : null;
}

/** [rows, columns] of a layer's maps; null for vectors. */
function mapSize({ outputShape, config }: LayerInfo): Size | null {
  if (outputShape.length !== 4) return null;
  const [rows, columns] = config.data_format === 'channels_first' ? outputShape.slice(2) : outputShape.slice(1, 3);
  return rows === null || columns === null ? null : [rows, columns];
}

function inputBox(info: LayerInfo, box: Box, input: Size, output: Size): Box | null {
  const axis = axisOf(info, output);
  if (axis === null) return null;
  const clip = ([lo, hi]: [number, number], size: number): [number, number] => [
    Math.min(Math.max(lo, 0), size - 1),
    Math.min(Math.max(hi, 0), size - 1),
  ];
  const [top, bottom] = clip(axis(box.top, box.bottom, input[0], output[0], 0), input[0]);
  const [left, right] = clip(axis(box.left, box.right, input[1], output[1], 1), input[1]);
  return { top, left, bottom, right };
}

function axisOf({ className, config, outputShape }: LayerInfo, output: Size): Axis | null {
  if (SAME.test(className)) return (lo, hi) => [lo, hi];
  // A dense layer on maps works at each position alone.
  if (className === 'Dense' && outputShape.length === 4 && output[0] * output[1] > 1) return (lo, hi) => [lo, hi];
  if (WHOLE.test(className)) return (_lo, _hi, input) => [0, input - 1];
  const window = (key: string): Axis => {
    const size = pair(config[key], [2, 2]);
    const strides = pair(config.strides, key === 'pool_size' ? size : [1, 1]);
    const dilation = pair(config.dilation_rate, [1, 1]);
    return (lo, hi, input, out, axis) => {
      const reach = (size[axis] - 1) * dilation[axis];
      const missing = Math.max(0, (out - 1) * strides[axis] + reach + 1 - input);
      const pad = config.padding === 'same' ? Math.floor(missing / 2) : 0;
      return [lo * strides[axis] - pad, hi * strides[axis] - pad + reach];
    };
  };
  switch (className) {
    case 'Conv2D':
    case 'Convolution2D':
    case 'DepthwiseConv2D':
    case 'SeparableConv2D':
      return window('kernel_size');
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return window('pool_size');
    case 'Conv2DTranspose': {
      const size = pair(config.kernel_size, [1, 1]);
      const strides = pair(config.strides, [1, 1]);
      return (lo, hi, input, out, axis) => {
        const pad = config.padding === 'same' ? Math.floor(Math.max(0, (input - 1) * strides[axis] + size[axis] - out) / 2) : 0;
        return [Math.ceil((lo + pad - size[axis] + 1) / strides[axis]), Math.floor((hi + pad) / strides[axis])];
      };
    }
    case 'UpSampling2D': {
      if (config.interpolation === 'bilinear') return null;
      const size = pair(config.size, [2, 2]);
      return (lo, hi, _input, _out, axis) => [Math.floor(lo / size[axis]), Math.floor(hi / size[axis])];
    }
    case 'ZeroPadding2D':
      return (lo, hi, _input, _out, axis) => [lo - margin(config.padding, axis), hi - margin(config.padding, axis)];
    case 'Cropping2D':
      return (lo, hi, _input, _out, axis) => [lo + margin(config.cropping, axis), hi + margin(config.cropping, axis)];
    default:
      return null;
  }
}

function pair(value: unknown, fallback: Size): Size {
  if (typeof value === 'number') return [value, value];
  return Array.isArray(value) && value.every((v) => typeof v === 'number')
    ? [value[0] as number, (value[1] ?? value[0]) as number]
    : fallback;
}

/** What is added or cut before the first row (column): 1, [1, 2] or [[1, 1], [2, 2]]. */
function margin(value: unknown, axis: 0 | 1): number {
  if (typeof value === 'number') return value;
  const part: unknown = Array.isArray(value) ? value[axis] : 0;
  return typeof part === 'number' ? part : Array.isArray(part) ? Number(part[0]) : 0;
}

function union(a: Box | null, b: Box | null): Box | null {
  if (!a || !b) return null;
  return {
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
  };
}
