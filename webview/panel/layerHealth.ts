import { frameKey, type Frame } from '../../src/common/frame';
import { kernelKind } from '../../src/common/kernelGeometry';
import type { LayerInfo } from '../../src/common/modelSpec';
import { tileNorms } from '../kernels/kernelMeasures';
import { mainWeight } from '../run/fields';

/** One layer's state in one frame. */
export interface LayerHealth {
  /** mean |ΔW| ÷ mean |W| of its kernel (the update:weight ratio); null where the frame does not tell. */
  updateRatio: number | null;
  /** Kernels or units whose gradient is exactly zero in this batch. */
  silent: number | null;
}

export function layerHealth(frame: Frame, layer: LayerInfo): LayerHealth {
  const weight = mainWeight(layer);
  const none: LayerHealth = { updateRatio: null, silent: null };
  if (!weight) return none;
  const values = (field: 'weight' | 'update' | 'gradient') => frame.tensors.get(frameKey(field, layer.name, weight.name))?.values;
  const [now, update, gradient] = [values('weight'), values('update'), values('gradient')];
  const ratio = now && update ? meanAbs(update) / meanAbs(now) : NaN;
  const view = { shape: weight.shape, kind: kernelKind(layer.className, weight.name), item: 'kernel', unfolded: null } as const;
  return {
    updateRatio: Number.isFinite(ratio) ? ratio : null,
    silent: gradient && weight.shape.length >= 2 ? tileNorms(view, gradient).reduce((n, v) => n + (v === 0 ? 1 : 0), 0) : null,
  };
}

export function meanAbs(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length;
}
