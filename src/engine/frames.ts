import { encodeFrame, frameKey } from '../common/frame';
import type { NamedTensor } from '../common/safetensors';
import type { Parameter } from './parameter';
import { copyValues } from './tensorMemory';
import type { ParameterStep } from './trainStep';

/** Dense weights up to this size are in every frame. */
const SMALL_VALUES = 65_536;
/** A frame holds at most about this many weights that nobody asked for in particular. */
const MAX_VALUES = 2_000_000;

/** In stored frames so many weights, the smaller arrays first, come with the optimiser's state, so that their steps can be written out later. */
const MAX_STATE_VALUES = 65_536;

/** Of these parameters the smaller ones whose steps stored frames tell in full. */
export function toldInFull(parameters: Iterable<Parameter>): Set<Parameter> {
  const chosen = new Set<Parameter>();
  let total = 0;
  for (const p of [...parameters].sort((a, b) => a.size - b.size)) {
    if (!p.isTrained || total + p.size > MAX_STATE_VALUES) continue;
    total += p.size;
    chosen.add(p);
  }
  return chosen;
}

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
 * A frame of one step. Weights before it are left out where they are, to the bit, what came out less the update.
 * @param watched layers of which everything is written out: weights before, and the optimiser's slots
 * @param slotNames in the order of the steps' slots
 * @param told parameters whose slots before the step are kept even if nobody watches: by them the step follows from its rule
 */
export function stepFrame(
  head: FrameHead,
  steps: readonly ParameterStep[],
  watched: ReadonlySet<string>,
  slotNames: readonly string[],
  told: ReadonlySet<Parameter> = new Set(),
): ArrayBuffer {
  const tensors: NamedTensor[] = [];
  for (const { parameter, gradient, before, after, slotsBefore, slotsAfter } of steps) {
    const { layer, name } = parameter;
    const shape = parameter.spec.shape;
    const add = (field: Parameters<typeof frameKey>[0], values: Float32Array): void =>
      void tensors.push({ name: frameKey(field, layer, name), shape, values });
    const { update, isExact } = updateOf(before, after);
    add('weight', after);
    if (gradient) add('gradient', gradient);
    add('update', update);
    const isWatched = watched.has(layer);
    if (isWatched || !isExact) add('before', before);
    slotNames.forEach((slot, i) => {
      if (isWatched && slotsAfter[i]) add(`state.${slot}`, slotsAfter[i]);
      if ((isWatched || told.has(parameter)) && slotsBefore[i]) add(`stateBefore.${slot}`, slotsBefore[i]);
    });
  }
  return encodeFrame({ ...head, tensors });
}

/** What a step changed, and whether what came out less that is, to the bit, what was there before. Runs 30 times a second: plain loops. */
function updateOf(before: Float32Array, after: Float32Array): { update: Float32Array; isExact: boolean } {
  const update = new Float32Array(after.length);
  let isExact = true;
  for (let i = 0; i < after.length; i++) {
    update[i] = after[i] - before[i];
    if (Math.fround(after[i] - update[i]) !== before[i]) isExact = false;
  }
  return { update, isExact };
}
