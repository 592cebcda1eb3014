import { frameKey, type Frame } from '../common/frame';
import { kernelGeometry, kernelKind } from '../common/kernelGeometry';
import type { LayerInfo, WeightSpec } from '../common/modelSpec';
import type { OutputSample } from '../common/outputSample';
import type { LayerActivity } from '../common/trainingProtocol';
import { effectiveNumber } from './distinctiveness';

/** One layer's main weight at one recorded step. */
export interface LayerSample {
  layer: string;
  units: number;
  /** mean |ΔW| ÷ mean |W|. */
  updateRatio: number | null;
  /** Root mean square of the gradient, and of the weights. */
  gradientRms: number | null;
  weightRms: number;
  /** Units whose gradient is exactly zero for this step's whole batch. */
  silent: number[] | null;
  /** Whether the bias has a gradient: then gradients do reach the layer, whatever its kernel says. null without a trainable bias. */
  isBiasMoved: boolean | null;
  /** Effective number of different kernels; null where there are too many to compare while training. */
  effectiveKernels: number | null;
  isFinite: boolean;
}

export interface HealthSample {
  step: number;
  loss: number;
  layers: LayerSample[];
}

/** Comparing n kernels costs about n³ + n² d operations: more than this would be felt while training. */
const MAX_COMPARED = 96;
const MAX_PRODUCTS = 2e7;

/** The numbers of a frame that tell how well training goes, layer by layer; layers whose weights the frame does not hold are left out. */
export function healthSample(frame: Frame, layers: readonly LayerInfo[]): HealthSample {
  const samples = layers.flatMap((layer) => {
    const weight = trainedWeight(layer);
    const values = weight && frame.tensors.get(frameKey('weight', layer.name, weight.name))?.values;
    return weight && values ? [layerSample(frame, layer, weight, values)] : [];
  });
  return { step: frame.step, loss: frame.loss, layers: samples };
}

/** The weight by which a layer is judged: its trainable kernel; null for layers without one. */
export function trainedWeight(layer: LayerInfo): WeightSpec | null {
  return layer.weights.find((w) => w.trainable && w.shape.length >= 2) ?? null;
}

/** The activation of a layer's output, in Keras's lower-case name; null where it is linear or unknown. */
export function outputActivation(layer: LayerInfo): string | null {
  const { className, config } = layer;
  if (/^(ReLU|Softmax)$/.test(className)) return className.toLowerCase();
  const name = typeof config.activation === 'string' ? config.activation.toLowerCase() : null;
  return name === 'linear' ? null : name;
}

/** @param activity outputs of the layer, as training's own engine computed them */
export function outputSample({ units, samples }: LayerActivity, layer: LayerInfo): OutputSample | null {
  const activation = outputActivation(layer);
  if (activation === null || units === 0 || samples.length === 0) return null;
  const isFlat = FLAT_ENDS[activation];
  const neverActive: number[] = [];
  let flat = 0;
  for (let u = 0; u < units; u++) {
    let isActive = false;
    for (let i = u; i < samples.length; i += units) {
      if (samples[i] !== 0) isActive = true;
      if (isFlat?.(samples[i])) flat++;
    }
    if (!isActive) neverActive.push(u);
  }
  const saturated = isFlat ? flat / samples.length : null;
  return { layer: layer.name, activation, units, samples: samples.length / units, neverActive, saturated };
}

/** From an output alone whether the derivative there is below 5 % of its largest: y (1 − y) ≤ 0.05 · 1/4 and 1 − y² ≤ 0.05. */
const FLAT_ENDS: Partial<Record<string, (y: number) => boolean>> = {
  sigmoid: (y) => y * (1 - y) <= 0.0125,
  hard_sigmoid: (y) => y === 0 || y === 1,
  tanh: (y) => 1 - y * y <= 0.05,
};

function layerSample(frame: Frame, layer: LayerInfo, weight: WeightSpec, values: Float32Array): LayerSample {
  const tensor = (field: 'update' | 'gradient') => frame.tensors.get(frameKey(field, layer.name, weight.name))?.values ?? null;
  const [update, gradient] = [tensor('update'), tensor('gradient')];
  const geometry = kernelGeometry(weight.shape, kernelKind(layer.className, weight.name));
  const units = geometry?.filters ?? weight.shape[weight.shape.length - 1];
  const unitStride = geometry?.strides[3] ?? 1;
  const unitOf = (offset: number) => Math.floor(offset / unitStride) % units;
  const size = meanAbs(values);
  const ratio = update && size > 0 ? meanAbs(update) / size : null;
  return {
    layer: layer.name,
    units,
    updateRatio: ratio,
    gradientRms: gradient && rms(gradient),
    weightRms: rms(values),
    isBiasMoved: frame.tensors.get(frameKey('gradient', layer.name, 'bias'))?.values.some((g) => g !== 0) ?? null,
    silent: gradient && unitsWithout(gradient, units, unitOf),
    effectiveKernels: effective(values, units, unitOf),
    isFinite: values.every(Number.isFinite) && (gradient?.every(Number.isFinite) ?? true),
  };
}

/** Units all of whose values are exactly zero. */
function unitsWithout(values: Float32Array, units: number, unitOf: (offset: number) => number): number[] {
  const isActive = new Uint8Array(units);
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) isActive[unitOf(i)] = 1;
  return Array.from(isActive.keys()).filter((u) => !isActive[u]);
}

function effective(values: Float32Array, n: number, unitOf: (offset: number) => number): number | null {
  const d = values.length / n;
  if (n < 4 || n > MAX_COMPARED || n * n * d > MAX_PRODUCTS || !values.every(Number.isFinite)) return null;
  const rows = new Float64Array(values.length);
  const filled = new Uint32Array(n);
  for (let i = 0; i < values.length; i++) {
    const unit = unitOf(i);
    rows[unit * d + filled[unit]++] = values[i];
  }
  return effectiveNumber({ values: rows, n, d });
}

function meanAbs(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length;
}

function rms(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum / values.length);
}
