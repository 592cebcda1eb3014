import { decodeTensors, encodeTensors, type NamedTensor } from './safetensors';

/**
 * What a frame can hold of one weight. `update` is w_after − w_before of the step, exactly; `gradient` is of the batch's mean loss.
 * For watched layers also `before` (w_before) and the optimiser's slots before and after the step, `state.m` or `stateBefore.m` say
 * (`momentum`, `m`, `v`, `rms`, `accumulator`, … as in Keras), so that the step can be written out in numbers; in stored frames a
 * model's smaller weights come with `stateBefore`. Without `before`, w_before is `weight` − `update` to the bit.
 */
export type FrameField = 'weight' | 'gradient' | 'update' | 'before' | `state.${string}` | `stateBefore.${string}`;

/** The state of a run's weights right after `step` (0: as drawn by the initialisers, without gradients). */
export interface Frame {
  step: number;
  epoch: number;
  /** Of the step's batch, before the update; NaN at step 0. */
  loss: number;
  learningRate: number;
  tensors: Map<string, NamedTensor>;
}

/** Tensor name in a frame, `weight:conv2d/kernel` say. */
export function frameKey(field: FrameField, layer: string, weight: string): string {
  return `${field}:${layer}/${weight}`;
}

/** Whether a tensor of a frame tells of the step (its gradient, update, optimiser state) rather than of the network. */
export function isOfStep(name: string): boolean {
  return /^(gradient|update|before|state\.\w+|stateBefore\.\w+):/.test(name);
}

/** One exact-size ArrayBuffer, a SafeTensors file: it is transferred between threads and written to disk as it is. */
export function encodeFrame(frame: Omit<Frame, 'tensors'> & { tensors: NamedTensor[] }): ArrayBuffer {
  return encodeTensors(frame.tensors, {
    format: 'kernelscope-frame-1',
    step: String(frame.step),
    epoch: String(frame.epoch),
    loss: String(frame.loss),
    learning_rate: String(frame.learningRate),
  });
}

/** @throws Error when the buffer is not a frame. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  const { metadata, tensors } = decodeTensors(buffer);
  if (metadata.format !== 'kernelscope-frame-1') throw new Error(`not a frame: format ${metadata.format ?? 'missing'}`);
  return {
    step: Number(metadata.step),
    epoch: Number(metadata.epoch),
    loss: Number(metadata.loss),
    learningRate: Number(metadata.learning_rate),
    tensors,
  };
}
