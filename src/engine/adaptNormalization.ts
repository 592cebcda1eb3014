import * as tfc from '@tensorflow/tfjs-core';
import type { ModelSpec } from '../common/modelSpec';
import type { Dataset } from '../data/dataset';
import { batchesOf } from './batches';
import type { Network } from './network';
import { parameterKey, type Parameter } from './parameter';
import { copyValues } from './tensorMemory';

const BATCH = 64;

/**
 * What Keras's `adapt()` finds for the Normalization layers of a file that calls it: mean and variance of what reaches them, over all
 * training images.
 * @returns values of the layers' weights
 */
export async function adaptedStatistics(
  spec: ModelSpec,
  network: Network,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Map<Parameter, Float32Array>> {
  const values = new Map<Parameter, Float32Array>();
  const { parameters } = network.built;
  for (const layer of spec.layers.filter((l) => l.className === 'Normalization' && l.config.is_adapted === true && l.weights.length > 0)) {
    const before = spec.layers.find((l) => l.name === layer.inputs[0]);
    const shape = layer.outputShape;
    const kept = layer.config.axis === null ? [] : [layer.config.axis ?? -1].flat().map((a) => (Number(a) + shape.length) % shape.length);
    const sums = new Sums(shape as number[], kept);
    for await (const batch of batchesOf(dataset, 'train', BATCH)) {
      signal.throwIfAborted();
      if (!before || before.className === 'InputLayer') sums.add(batch.inputs, batch.count);
      else
        sums.add(
          tfc.tidy(() => copyValues(network.activations(batch, [before.name])[0])),
          batch.count,
        );
    }
    const found: Record<string, Float32Array> = { mean: sums.mean(), variance: sums.variance(), count: Float32Array.of(sums.count) };
    for (const name of Object.keys(found)) {
      const parameter = parameters.find((p) => parameterKey(p) === `${layer.name}/${name}`);
      if (parameter) values.set(parameter, found[name]);
    }
  }
  return values;
}

/** Running sums in double precision, one pair per place of the kept axes. */
class Sums {
  count = 0;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  /** The place that each value of an example belongs to. */
  private readonly places: Uint32Array;

  constructor([, ...shape]: number[], kept: readonly number[]) {
    const axes = kept.map((a) => a - 1);
    const size = axes.reduce((n, a) => n * shape[a], 1);
    this.sums = new Float64Array(size);
    this.squares = new Float64Array(size);
    this.places = Uint32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
      const index: number[] = [];
      let rest = i;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index[axis] = rest % shape[axis];
        rest = Math.floor(rest / shape[axis]);
      }
      return axes.reduce((place, a) => place * shape[a] + index[a], 0);
    });
  }

  add(values: Float32Array, examples: number): void {
    const { places, sums, squares } = this;
    for (let i = 0; i < examples; i++)
      for (let k = 0; k < places.length; k++) {
        const v = values[i * places.length + k];
        sums[places[k]] += v;
        squares[places[k]] += v * v;
      }
    this.count += (examples * places.length) / sums.length;
  }

  mean(): Float32Array {
    return Float32Array.from(this.sums, (s) => s / this.count);
  }

  variance(): Float32Array {
    return Float32Array.from(this.squares, (s, i) => Math.max(0, s / this.count - (this.sums[i] / this.count) ** 2));
  }
}
