import type { JsonObject } from './json';

/** What a weight file is, found out from its content. */
export type WeightFormat =
  | 'safetensors'
  | 'npy_npz'
  | 'keras_h5'
  | 'keras_v3'
  | 'hdf5'
  | 'pytorch'
  | 'onnx'
  | 'tfjs'
  | 'savedmodel'
  | 'tf_checkpoint'
  | 'tflite'
  | 'gguf'
  | 'caffe'
  | 'pickle_numpy';

/**
 * Which axis is which, one letter per axis: H, W, D space (K in one dimension), I input channels, O output channels, M channel
 * multiplier of a depthwise convolution, 1 an axis of length one.
 */
export type WeightLayout =
  'HWIO' | 'HWOI' | 'HWIM' | 'OIHW' | 'IOHW' | 'OHWI' | '1HWO' | 'KIO' | 'KIM' | 'OIK' | 'IOK' | 'DHWIO' | 'OIDHW' | 'IO' | 'OI';

export type WeightRole =
  'conv kernel' | 'dense kernel' | 'recurrent kernel' | 'embedding' | 'bias' | 'normalisation' | 'optimiser' | 'other';

export interface WeightTensor {
  /** Unique in its file. */
  name: string;
  /** NumPy's name where there is one (float32, bfloat16, int8, bool, …), else the format's own (Q4_K, float8_e4m3fn, …). */
  dtype: string;
  /** As stored, the slowest axis first. */
  shape: number[];
  /** null where axes have no such meaning or it is not known. */
  layout: WeightLayout | null;
  /** Why this layout: the format's convention, an attribute of the file, or a guess from the shapes. */
  layoutReason: string | null;
  role: WeightRole;
  /** Length of the values as stored in the file, without compression of the container. */
  bytes: number;
  /** The graph node or layer that owns it, where the file says so. */
  layer: string | null;
  /** Why the values can't be read as numbers; null when they can. */
  unreadable: string | null;
}

/** A layer or operation of the model, in the file's order. */
export interface WeightGraphNode {
  name: string;
  /** Operator or class: Conv, Conv2D, CONV_2D, … */
  op: string;
  /** Names of the nodes whose results it takes. */
  inputs: string[];
  /** Names of its tensors in this file. */
  tensors: string[];
}

export interface WeightFileInfo {
  format: WeightFormat;
  /** What the file says of its origin: versions, backend, metadata. */
  producer: JsonObject;
  tensors: WeightTensor[];
  /** In order of execution where the format keeps one. */
  graph: WeightGraphNode[];
  /** What was left out, guessed, or looks wrong. */
  warnings: string[];
}

/** How many values a tensor holds. */
export function tensorLength(tensor: Pick<WeightTensor, 'shape'>): number {
  return tensor.shape.reduce((a, b) => a * b, 1);
}
