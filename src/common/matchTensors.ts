import { isOfStep } from './frame';
import type { WeightTensor } from './weightFile';

/** A tensor of one file beside that of another; null where one has none. */
export interface TensorPair {
  a: WeightTensor | null;
  b: WeightTensor | null;
  /** Why they are beside each other though their names differ; null when the names are the same. */
  reason: string | null;
}

/**
 * Puts the tensors of two files beside each other, in the order of the first file: by name, then, among those left over, by the same
 * name without what saving adds (`module.`, `:0`, …) when the shapes are the same too, then by a shape that only one is left of.
 */
export function matchTensors(a: readonly WeightTensor[], b: readonly WeightTensor[]): TensorPair[] {
  const left = new Map(b.map((t) => [t.name, t]));
  const pairs: TensorPair[] = a.map((t) => {
    const other = left.get(t.name) ?? null;
    left.delete(t.name);
    return { a: t, b: other, reason: null };
  });
  for (const keyOf of [(t: WeightTensor) => `${bareName(t.name)} ${t.shape.join()}`, (t: WeightTensor) => t.shape.join()]) {
    const here = alone(
      pairs.flatMap((p) => (p.a && !p.b ? [p.a] : [])),
      keyOf,
    );
    const there = alone([...left.values()], keyOf);
    for (const pair of pairs) {
      if (pair.b || !pair.a || !here.get(keyOf(pair.a))) continue;
      const other = there.get(keyOf(pair.a));
      if (!other || !left.delete(other.name)) continue;
      pair.b = other;
      pair.reason = `called ${other.name} in the second file`;
    }
  }
  return [...pairs, ...[...left.values()].map((t) => ({ a: null, b: t, reason: null }))];
}

export function isSameShape(a: WeightTensor, b: WeightTensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((n, k) => n === b.shape[k]);
}

/** By key, the one tensor that has it; null where several do. What training adds to weights repeats every shape, so it is left out. */
function alone(tensors: readonly WeightTensor[], keyOf: (t: WeightTensor) => string): Map<string, WeightTensor | null> {
  const found = new Map<string, WeightTensor | null>();
  for (const t of tensors) if (t.role !== 'optimiser' && !isOfStep(t.name)) found.set(keyOf(t), found.has(keyOf(t)) ? null : t);
  return found;
}

/** Without wrappers, indices of copies and doubled layer names. */
function bareName(name: string): string {
  const parts = name
    .replace(/^weight:/, '')
    .replace(/:\d+$/, '')
    .split(/[/.]+/)
    .filter((p) => !/^(model|module|state_dict|model_weights|layers|vars|params|_orig_mod|ema)$/.test(p));
  return parts.filter((p, i) => p !== parts[i - 1]).join('/');
}
