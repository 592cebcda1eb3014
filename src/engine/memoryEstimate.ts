import { ModelError } from '../common/modelError';
import * as os from 'node:os';
import type { ModelSpec } from '../common/modelSpec';

/** WebAssembly memory cannot grow beyond this. */
const WASM_LIMIT_BYTES = 2 ** 32;
/** Layers whose outputs are their inputs under another shape. */
const VIEWS = new Set(['InputLayer', 'Flatten', 'Reshape']);

/** Bytes of what a step can't do without: weights, the optimiser's slots, and what every layer gives out. */
export function neededBytes(spec: ModelSpec, batchSize: number, slotCount: number): { weights: number; slots: number; outputs: number } {
  const outputs = spec.layers
    .filter((l) => !VIEWS.has(l.className))
    .reduce((n, l) => n + l.outputShape.slice(1).reduce<number>((a, size) => a * (size ?? 1), 1), 0);
  return { weights: 4 * spec.totalParams, slots: 4 * spec.totalParams * slotCount, outputs: 4 * batchSize * outputs };
}

/** Bytes that training needs at least: that, and the gradients of weights and outputs. */
export function trainingBytes(spec: ModelSpec, batchSize: number, slotCount: number): number {
  const { weights, slots, outputs } = neededBytes(spec, batchSize, slotCount);
  return 2 * weights + slots + 2 * outputs;
}

/** Bytes of the largest tensor that a step computes with. */
export function largestTensorBytes(spec: ModelSpec, batchSize: number): number {
  const sizeOf = (shape: readonly (number | null)[]): number => shape.reduce<number>((a, size) => a * (size ?? 1), 1);
  const outputs = spec.layers.map((l) => batchSize * sizeOf(l.outputShape.slice(1)));
  const weights = spec.layers.flatMap((l) => l.weights.map((w) => sizeOf(w.shape)));
  return 4 * Math.max(0, ...outputs, ...weights);
}

/**
 * @throws Error with the figure and the way out, when a model cannot be trained in the memory there is.
 */
export function refuseIfTooLarge(spec: ModelSpec, batchSize: number, slotCount: number, backend: string): void {
  const needed = trainingBytes(spec, batchSize, slotCount);
  const available = backend === 'cpu' ? os.totalmem() : Math.min(WASM_LIMIT_BYTES, os.totalmem());
  if (needed <= available) return;
  const gigabytes = (n: number): string => `${(n / 2 ** 30).toFixed(1)} GB`;
  throw new ModelError(
    `training ${spec.name} (${spec.totalParams.toLocaleString('en')} parameters, batches of ${batchSize}) needs at least ${gigabytes(needed)} of memory, ${gigabytes(available)} are available; use a smaller batch size, smaller images or fewer units`,
  );
}
