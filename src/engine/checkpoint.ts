import type * as tfc from '@tensorflow/tfjs-core';
import { encodeTensors, type NamedTensor, type TensorFile } from '../common/safetensors';
import { parameterKey, type Parameter } from './parameter';
import { copyValues, setValues } from './tensorMemory';

const FORMAT = 'kernelscope-checkpoint-1';

/** Where a run stands, besides its weights and the optimiser's slots. Random streams follow from seed and step. */
export interface Progress {
  step: number;
  /** Of training, pauses not counted. */
  seconds: number;
  /** Epochs whose line is in metrics.jsonl. */
  epochsRecorded: number;
  /** Set by the person while the run went on; null: as the file says. */
  learningRate: number | null;
  /** What the unfinished epoch has summed up. */
  tally: { loss: number; count: number; sums: number[][] };
}

/** Everything that a run needs to go on as if nothing had happened. */
export function encodeCheckpoint(
  progress: Progress,
  parameters: readonly Parameter[],
  slotNames: readonly string[],
  slots: readonly tfc.Tensor[][],
): ArrayBuffer {
  const tensors: NamedTensor[] = [];
  parameters.forEach((p, i) => {
    const shape = p.spec.shape;
    tensors.push({ name: `weight:${parameterKey(p)}`, shape, values: copyValues(p.variable) });
    slots[i].forEach((slot, j) => tensors.push({ name: `state.${slotNames[j]}:${parameterKey(p)}`, shape, values: copyValues(slot) }));
  });
  return encodeTensors(tensors, { format: FORMAT, progress: JSON.stringify(progress) });
}

/**
 * Puts a checkpoint's weights back in place, for a network that is only looked into.
 * @throws Error when it is of another model.
 */
export function restoreWeights(file: TensorFile, parameters: readonly Parameter[]): Progress {
  return restoreCheckpoint(
    file,
    parameters,
    [],
    parameters.map(() => []),
  );
}

/**
 * Puts a checkpoint's weights and slots back in place.
 * @throws Error when it is of another model or optimiser.
 */
export function restoreCheckpoint(
  file: TensorFile,
  parameters: readonly Parameter[],
  slotNames: readonly string[],
  slots: readonly tfc.Tensor[][],
): Progress {
  if (file.metadata.format !== FORMAT) throw new Error('checkpoint.safetensors is not a checkpoint of Kernelscope; start the run anew');
  const values = (name: string, size: number): Float32Array => {
    const tensor = file.tensors.get(name);
    if (tensor?.values.length !== size) throw new Error(`the checkpoint has no ${name} of ${size} values; start the run anew`);
    return tensor.values;
  };
  parameters.forEach((p, i) => {
    setValues(p.variable, values(`weight:${parameterKey(p)}`, p.size));
    slots[i].forEach((slot, j) => setValues(slot, values(`state.${slotNames[j]}:${parameterKey(p)}`, p.size)));
  });
  return JSON.parse(file.metadata.progress) as Progress;
}
