import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { single } from './layerClasses';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';

/**
 * Keras's Normalization: (x - mean) / sqrt(variance), or the other way round. Without statistics in the file they are weights, which
 * `adaptNormalization` sets from the training data where the file calls adapt().
 */
export class KerasNormalization extends OwnLayer {
  static readonly className = 'FixedNormalization';
  private learned: { mean: tfl.LayerVariable; variance: tfl.LayerVariable } | null = null;

  /** Axes that keep statistics of their own, counted from the front. */
  keptAxes(rank: number): number[] {
    if (this.config.axis === null) return [];
    return [this.config.axis ?? -1].flat().map((a) => (Number(a) + rank) % rank);
  }

  override build(inputShape: Shape | Shape[]): void {
    if ((this.config.mean ?? null) === null && (this.config.variance ?? null) === null) {
      const shape = oneShape(inputShape);
      const sizes = this.keptAxes(shape.length).map((a) => fixed(shape[a], `the axes that ${this.name} normalises`));
      const add = (name: string, of: number[]): tfl.LayerVariable => this.variable(name, of, name, false);
      this.learned = { mean: add('mean', sizes), variance: add('variance', sizes) };
      add('count', []);
    }
    super.build(inputShape);
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const mean = this.statistic('mean', x, 0);
      // Keras's backend epsilon keeps a variance of 0 apart from a division by it.
      const deviation = tfc.maximum(tfc.sqrt(this.statistic('variance', x, 1)), 1e-7);
      return this.config.invert === true ? tfc.add(tfc.mul(x, deviation), mean) : tfc.div(tfc.sub(x, mean), deviation);
    });
  }

  private statistic(name: 'mean' | 'variance', { shape }: tfc.Tensor, fallback: number): tfc.Tensor {
    const kept = this.keptAxes(shape.length);
    if (this.learned) return tfc.reshape(this.learned[name].read(), spread(shape, kept));
    const values = [this.config[name] ?? fallback].flat(Infinity).map(Number);
    return tfc.tensor(values, values.length === 1 ? [] : spread(shape, kept));
  }
}

const spread = (shape: readonly number[], kept: readonly number[]): number[] => shape.map((n, i) => (kept.includes(i) ? n : 1));
