import { encodeFrame, frameKey } from '../common/frame';
import type { NamedTensor } from '../common/safetensors';
import type { Parameter } from './parameter';
import { copyValues } from './tensorMemory';
import type { ParameterStep } from './trainStep';

/** Dense weights up to this size are in every frame. */
const SMALL_VALUES = 65_536;
/** A frame holds at most about this many weights that nobody asked for in particular. */
const MAX_VALUES = 2_000_000;

export interface FrameHead {
  step: number;
  epoch: number;
  loss: number;
  learningRate: number;
}

/** The parameters that every frame holds: kernels of convolutions, biases, batch normalisation, small dense weights. */
export function usualParameters(parameters: readonly Parameter[]): Set<Parameter> {
  const chosen = new Set<Parameter>();
  let total = 0;
  for (const p of parameters) {
    const isUsual = p.size <= SMALL_VALUES || /Conv/.test(p.className);
    if (!isUsual || total + p.size > MAX_VALUES) continue;
    total += p.size;
    chosen.add(p);
  }
  return chosen;
}

/** The weights as they are now, without gradients: frame 0. */
export function weightsFrame(head: FrameHead, parameters: Iterable<Parameter>): ArrayBuffer {
  const tensors: NamedTensor[] = [];
  for (const p of parameters)
    tensors.push({ name: frameKey('weight', p.layer, p.name), shape: p.spec.shape, values: copyValues(p.variable) });
  return encodeFrame({ ...head, tensors });
}

/**
 * A frame of one step.
 * @param watched layers of which everything is written out: weights before, and the optimiser's slots
 * @param slotNames in the order of the steps' slots
 */
export function stepFrame(
  head: FrameHead,
  steps: readonly ParameterStep[],
  watched: ReadonlySet<string>,
  slotNames: readonly string[],
): ArrayBuffer {
  const tensors: NamedTensor[] = [];
  for (const { parameter, gradient, before, after, slotsBefore, slotsAfter } of steps) {
    const { layer, name } = parameter;
    const shape = parameter.spec.shape;
    const add = (field: Parameters<typeof frameKey>[0], values: Float32Array): void =>
      void tensors.push({ name: frameKey(field, layer, name), shape, values });
    add('weight', after);
    if (gradient) add('gradient', gradient);
    add(
      'update',
      after.map((value, i) => value - before[i]),
    );
    if (!watched.has(layer)) continue;
    add('before', before);
    slotNames.forEach((slot, i) => {
      if (slotsAfter[i]) add(`state.${slot}`, slotsAfter[i]);
      if (slotsBefore[i]) add(`stateBefore.${slot}`, slotsBefore[i]);
    });
  }
  return encodeFrame({ ...head, tensors });
}
