import type { LayerAcrossSeeds, LinedUpLayer } from '../common/seedComparison';
import type { SeedRun } from './acrossSeeds';
import { permuteInputs } from './matchKernels';

/**
 * Puts the kernels of every run into the order of the first run's, so that what belongs together stands at the same place.
 * @param sources for every layer the layer whose channels it reads, or null for the model's input and where channels cannot be followed
 */
export function lineUpKernels(
  layers: readonly LayerAcrossSeeds[],
  runs: readonly SeedRun[],
  sources: ReadonlyMap<string, string | null>,
): LinedUpLayer[] {
  return layers.map(({ name, shape, partners }) => {
    const source = sources.get(name) ?? null;
    const orders = source === null ? undefined : layers.find((l) => l.name === source)?.partners;
    const kernels = runs.map((run, r) => {
      const values = run.kernels.get(name);
      if (!values) throw new RangeError(`the run with seed ${run.seed} has no kernels of ${name}`);
      if (r === 0) return values;
      const lined = orders ? permuteInputs(values, shape, Int32Array.from(orders[r - 1])) : values;
      return inOrder(lined, shape[3], partners[r - 1]);
    });
    return { name, shape, kernels };
  });
}

/** Kernel f becomes what kernel `order[f]` was. */
function inOrder(values: Float32Array, filters: number, order: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += filters) for (let f = 0; f < filters; f++) result[i + f] = values[i + order[f]];
  return result;
}
