import { frameKey, type Frame } from '../common/frame';
import type { LayerInfo, OptimizerSpec, WeightSpec } from '../common/modelSpec';
import { clippedGradient, clippingOf } from './gradientClipping';
import { optimizerRule } from './optimizerRules';
import type { StepNumbers } from './optimizerStep';

/** Weights before a step: as the frame holds them, or where it leaves them out, exactly what came out less what was added. */
export function weightsBefore(frame: Frame, layer: string, weight: string): Float32Array | null {
  const at = (field: 'before' | 'weight' | 'update') => frame.tensors.get(frameKey(field, layer, weight))?.values;
  const [before, after, update] = [at('before'), at('weight'), at('update')];
  if (before) return before;
  return after && update ? after.map((value, i) => value - update[i]) : null;
}

/**
 * Everything a frame holds about one weight's step, or in a sentence why that is not all there.
 * @param layers of the whole model: whether all gradients are known decides what global clipping did
 * @throws Error when the optimiser is not known.
 */
export function stepFromFrame(
  frame: Frame,
  optimizer: OptimizerSpec,
  layers: readonly LayerInfo[],
  { layer, weight, offset }: { layer: LayerInfo; weight: WeightSpec; offset: number },
): StepNumbers | string {
  if (!weight.trainable) return `${weight.name} is not changed by the optimiser.`;
  if (frame.step === 0) return 'At step 0 no step has been taken yet: this is the number that the initialiser drew.';
  const at = (field: Parameters<typeof frameKey>[0]) => frame.tensors.get(frameKey(field, layer.name, weight.name))?.values;
  const [gradient, after] = [at('gradient'), at('weight')?.[offset]];
  const before = weightsBefore(frame, layer.name, weight.name)?.[offset];
  if (after === undefined) return `The frame of step ${frame.step} does not hold ${layer.name}/${weight.name}.`;
  if (before === undefined || !gradient)
    return `The frame of step ${frame.step} holds no gradient of ${layer.name}/${weight.name}: it was taken when no step had just been computed.`;
  const stateBefore: Record<string, number> = {};
  for (const slot of optimizerRule(optimizer).slots) {
    const values = at(`stateBefore.${slot}`);
    if (!values)
      return `The gradient was ${gradient[offset].toPrecision(5)}. How ${optimizer.className} made a step of it can’t be written out: the frame of step ${frame.step} lacks its running values, which are kept for the layer that is looked at while training, and in stored frames for a model’s smaller weights.`;
    stateBefore[slot] = values[offset];
  }
  const numbers: StepNumbers = { before, gradient: gradient[offset], after, stateBefore, step: frame.step };
  const clipping = clippingOf(optimizer);
  if (!clipping) return numbers;
  const clipped = clippedGradient(clipping, gradient, offset, allGradients(frame, layers));
  if (clipped === null)
    return `The gradient was ${numbers.gradient.toPrecision(5)}. How much of it the clipping by the norm of all gradients left can’t be told: the frame does not hold the gradients of the model’s largest weights.`;
  return { ...numbers, clipped };
}

/** The gradients of all weights that have one, in the model's order; null when the frame leaves some out. */
function allGradients(frame: Frame, layers: readonly LayerInfo[]): Float32Array[] | null {
  const keys = layers.flatMap((l) => l.weights.filter((w) => w.trainable).map((w) => frameKey('gradient', l.name, w.name)));
  const found = keys.map((key) => frame.tensors.get(key)?.values);
  return found.every((values) => values !== undefined) ? found : null;
}
