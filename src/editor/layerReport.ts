import { frameKey, type Frame } from '../common/frame';
import type { LayerInfo, WeightSpec } from '../common/modelSpec';
import { statistics, type Statistics } from '../common/stats';
import { filtersWithoutGradient, updateRatio } from './weightStatistics';

/** One variable of a layer, before training or at a step of a run. */
export interface WeightReport {
  spec: WeightSpec;
  values: Float32Array;
  statistics: Statistics;
  /** Of the step's batch; null before the first step or where the frame holds no gradient. */
  gradientNorm: number | null;
  updateRatio: number | null;
  filtersWithoutGradient: number | null;
}

/** What the hover says of a layer. */
export interface LayerReport {
  layer: LayerInfo;
  seed: number;
  /** The step the values are of; null: as drawn, no run has begun. */
  step: number | null;
  weights: WeightReport[];
}

/** @param draw the initial values of a weight, or null where they are too many to draw in passing. */
export function reportBeforeTraining(layer: LayerInfo, seed: number, draw: (weight: WeightSpec) => Float32Array | null): LayerReport {
  const weights: WeightReport[] = [];
  for (const spec of layer.weights) {
    const values = draw(spec);
    if (values)
      weights.push({ spec, values, statistics: statistics(values), gradientNorm: null, updateRatio: null, filtersWithoutGradient: null });
  }
  return { layer, seed, step: null, weights };
}

/** Null when the frame does not hold this layer with these shapes, because it is too large or was edited since. */
export function reportOfFrame(layer: LayerInfo, seed: number, frame: Frame): LayerReport | null {
  const weights: WeightReport[] = [];
  for (const spec of layer.weights) {
    const weight = frame.tensors.get(frameKey('weight', layer.name, spec.name));
    if (!weight) continue;
    if (weight.shape.join() !== spec.shape.join()) return null;
    const gradient = frame.tensors.get(frameKey('gradient', layer.name, spec.name))?.values;
    const update = frame.tensors.get(frameKey('update', layer.name, spec.name))?.values;
    weights.push({
      spec,
      values: weight.values,
      statistics: statistics(weight.values),
      gradientNorm: gradient ? statistics(gradient).norm : null,
      updateRatio: update ? updateRatio(update, weight.values) : null,
      filtersWithoutGradient: gradient && spec.shape.length === 4 ? filtersWithoutGradient(gradient, spec.shape[3]) : null,
    });
  }
  return weights.length > 0 ? { layer, seed, step: frame.step, weights } : null;
}
