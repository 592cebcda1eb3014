import type { KerasTopology } from '../../common/modelSpec';

/** One weight to be saved, in Keras's layout. */
export interface SavedTensor {
  layer: string;
  /** Keras's short name: kernel, bias, gamma, … */
  weight: string;
  shape: number[];
  values: Float32Array;
}

/** A trained model as it is written to files. */
export interface SavedModel {
  name: string;
  topology: KerasTopology;
  /** All layers in order, those without weights too: files count them. */
  layers: { name: string; className: string }[];
  /** In the order of layers, and of Keras's `layer.weights` within them. */
  tensors: SavedTensor[];
}

/** A file of a saved model; its name is relative to where it is saved. */
export interface SavedFile {
  name: string;
  bytes: Uint8Array;
}

export function tensorName({ layer, weight }: SavedTensor): string {
  return `${layer}/${weight}`;
}

export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
