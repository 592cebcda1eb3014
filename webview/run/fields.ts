import { frameKey, type Frame } from '../../src/common/frame';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import type { RunData } from './runData';

/** The four ways to look at a weight. `change` is the weight now minus the weight as its initialiser drew it. */
export type Field = 'weight' | 'gradient' | 'update' | 'change';

export const FIELD_LABELS: Record<Field, string> = { weight: 'Weight', gradient: 'Gradient', update: 'Update', change: 'Change' };

export type FieldValues = { values: Float32Array; shape: number[]; missing?: undefined } | { values: null; missing: string };

/** One field of a weight in the frame that is shown, or in one plain sentence why there is none. */
export function fieldValues(run: RunData, field: Field, layer: LayerInfo, weight: WeightSpec, frame = run.shown): FieldValues {
  if (!frame) return { values: null, missing: 'No weights have arrived yet.' };
  const now = frame.tensors.get(frameKey('weight', layer.name, weight.name));
  if (field === 'weight') {
    return now ? { values: now.values, shape: now.shape } : { values: null, missing: notInFrame(frame, layer, weight) };
  }
  if (field === 'change') {
    const start = run.first?.tensors.get(frameKey('weight', layer.name, weight.name));
    if (!now || !start) return { values: null, missing: notInFrame(now ? (run.first ?? frame) : frame, layer, weight) };
    return { values: difference(now.values, start.values), shape: now.shape };
  }
  const tensor = frame.tensors.get(frameKey(field, layer.name, weight.name));
  if (tensor) return { values: tensor.values, shape: tensor.shape };
  if (!weight.trainable) {
    return { values: null, missing: `${weight.name} is not trained by gradients: it has neither gradient nor update.` };
  }
  if (frame.step === 0) {
    return { values: null, missing: `There is no ${field} at step 0: no batch has been seen yet.` };
  }
  return { values: null, missing: notInFrame(frame, layer, weight) };
}

/** `a − b`, weight by weight. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] - b[i];
  return out;
}

/** The weight that a layer is looked at by: its kernel, or whatever it has. */
export function mainWeight(layer: LayerInfo | null): WeightSpec | null {
  if (!layer) return null;
  return layer.weights.find((w) => w.shape.length >= 2) ?? layer.weights[0] ?? null;
}

function notInFrame(frame: Frame, layer: LayerInfo, weight: WeightSpec): string {
  return `The frame of step ${frame.step} does not hold ${layer.name}/${weight.name}; large weights come with the frames taken while their layer is selected.`;
}
