import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { NoiseClock } from './noiseLayer';
import { fixed, OwnLayer, type Shape } from './ownLayer';
import { dropoutMask, type Seeded } from './seeded';

type Kwargs = Record<string, unknown>;

const shapesOf = (inputShape: Shape | Shape[]): Shape[] => (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
const tensorsOf = (inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor[] => (Array.isArray(inputs) ? inputs : [inputs]);

/** -1e9 where a query may not look: behind its own place. */
function causal(queries: number, keys: number): tfc.Tensor {
  const bias = new Float32Array(queries * keys);
  for (let q = 0; q < queries; q++) for (let k = q + 1; k < keys; k++) bias[q * keys + k] = -1e9;
  return tfc.tensor(bias, [queries, keys]);
}

/** What all kinds of attention do with their scores. */
abstract class Attending extends OwnLayer implements Seeded {
  clock: NoiseClock = { seed: 0, step: 0 };

  protected override get passesMask(): boolean {
    return false;
  }

  /** softmax(scores) · value, with dropout of the weights in training; scores [n, queries, keys]. */
  protected attend(scores: tfc.Tensor, value: tfc.Tensor, isTraining: boolean): tfc.Tensor {
    const [queries, keys] = scores.shape.slice(-2);
    const masked = this.config.useCausalMask === true ? tfc.add(scores, causal(queries, keys)) : scores;
    const weights = tfc.softmax(masked);
    const rate = this.number('dropout', 0);
    const dropped = isTraining && rate > 0 ? tfc.mul(weights, dropoutMask(this.clock, this.name, weights.shape, rate)) : weights;
    return tfc.matMul(dropped, value);
  }
}

/** Keras's Attention (Luong et al. 2015): query · key, or a sum of tanh(query + key). */
export class DotAttention extends Attending {
  static readonly className = 'KernelscopeAttention';
  private scale: tfl.LayerVariable | null = null;
  private concatWeight: tfl.LayerVariable | null = null;

  override build(inputShape: Shape | Shape[]): void {
    if (this.config.useScale === true) this.scale = this.variable('scale', []);
    if (this.config.scoreMode === 'concat') this.concatWeight = this.variable('concat_score_weight', []);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query, value] = shapesOf(inputShape);
    return [...query.slice(0, -1), (value ?? query).at(-1)!];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor {
    return tfc.tidy(() => {
      const [query, value = query, key = value] = tensorsOf(inputs);
      const scale = this.scale?.read();
      const scores = this.concatWeight
        ? tfc.mul(sumOfTanh(query, key, scale), this.concatWeight.read())
        : tfc.matMul(query, key, false, true);
      return this.attend(scale && !this.concatWeight ? tfc.mul(scores, scale) : scores, value, kwargs.training === true);
    });
  }
}

/** Keras's AdditiveAttention (Bahdanau et al. 2014). */
export class AdditiveAttention extends Attending {
  static readonly className = 'KernelscopeAdditiveAttention';
  private scale: tfl.LayerVariable | null = null;

  override build(inputShape: Shape | Shape[]): void {
    const size = fixed(shapesOf(inputShape)[0].at(-1), `the features that ${this.name} gets`);
    if (this.config.useScale !== false) this.scale = this.variable('scale', [size]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query, value] = shapesOf(inputShape);
    return [...query.slice(0, -1), (value ?? query).at(-1)!];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor {
    return tfc.tidy(() => {
      const [query, value = query, key = value] = tensorsOf(inputs);
      const sum = tfc.tanh(tfc.add(tfc.expandDims(query, 2), tfc.expandDims(key, 1)));
      const scores = tfc.sum(this.scale ? tfc.mul(sum, this.scale.read()) : sum, -1);
      return this.attend(scores, value, kwargs.training === true);
    });
  }
}

function sumOfTanh(query: tfc.Tensor, key: tfc.Tensor, scale: tfc.Tensor | undefined): tfc.Tensor {
  const sum = tfc.add(tfc.expandDims(query, 2), tfc.expandDims(key, 1));
  return tfc.sum(tfc.tanh(scale ? tfc.mul(sum, scale) : sum), -1);
}

/** A variable that mixes the features of an input: [features, heads, size] with a bias [heads, size]. */
interface Projection {
  kernel: tfl.LayerVariable;
  bias: tfl.LayerVariable | null;
}

/** Keras's MultiHeadAttention (Vaswani et al. 2017), over one or more axes. */
export class MultiHeadAttention extends Attending {
  static readonly className = 'KernelscopeMultiHeadAttention';
  private query!: Projection;
  private key!: Projection;
  private value!: Projection;
  private result!: Projection;

  private get sizes(): { heads: number; key: number; value: number } {
    const key = this.number('keyDim', 1);
    return { heads: this.number('numHeads', 1), key, value: this.number('valueDim', key) };
  }

  private outputSize(query: Shape): number {
    const given = Array.isArray(this.config.outputShape) ? this.config.outputShape[0] : this.config.outputShape;
    return typeof given === 'number' ? given : fixed(query.at(-1), `the features that ${this.name} gets`);
  }

  override build(inputShape: Shape | Shape[]): void {
    const [query, value = query, key = value] = shapesOf(inputShape);
    const { heads, key: keySize, value: valueSize } = this.sizes;
    const add = (name: string, shape: number[], bias: number[]): Projection => ({
      kernel: this.variable(`${name}_kernel`, shape, 'kernel'),
      bias: this.config.useBias === false ? null : this.variable(`${name}_bias`, bias, 'bias'),
    });
    const from = (name: string, shape: Shape, size: number): Projection =>
      add(name, [fixed(shape.at(-1), `the features that ${this.name} gets`), heads, size], [heads, size]);
    this.query = from('query', query, keySize);
    this.key = from('key', key, keySize);
    this.value = from('value', value, valueSize);
    const size = this.outputSize(query);
    this.result = add('attention_output', [heads, valueSize, size], [size]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query] = shapesOf(inputShape);
    return [...query.slice(0, -1), this.outputSize(query)];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor {
    return tfc.tidy(() => {
      const [query, value = query, key = value] = tensorsOf(inputs);
      const { order, back } = this.axes(query.rank);
      // Axes that are not attended over join the batch; those that are become one.
      const lined = (x: tfc.Tensor): tfc.Tensor => {
        const moved = tfc.transpose(x, order);
        const over = this.attended(x.rank).length;
        const outer = moved.shape.slice(0, -1 - over);
        return tfc.reshape(moved, [tfc.util.sizeFromShape(outer), -1, x.shape.at(-1)!]);
      };
      const heads = this.attendHeads(lined(query), lined(key), lined(value), kwargs.training === true);
      const moved = order.slice(0, -1).map((axis) => query.shape[axis]);
      return tfc.transpose(tfc.reshape(heads, [...moved, heads.shape.at(-1)!]), back);
    });
  }

  private attendHeads(query: tfc.Tensor, key: tfc.Tensor, value: tfc.Tensor, isTraining: boolean): tfc.Tensor {
    const { heads, key: size } = this.sizes;
    const [n, queries] = query.shape;
    const project = (x: tfc.Tensor, { kernel, bias }: Projection): tfc.Tensor => {
      const w = kernel.read();
      const [features, , width] = w.shape as [number, number, number];
      const flat = tfc.matMul(tfc.reshape(x, [-1, features]) as tfc.Tensor2D, tfc.reshape(w, [features, heads * width]) as tfc.Tensor2D);
      const y = bias ? tfc.add(flat, tfc.reshape(bias.read(), [heads * width])) : flat;
      const split = tfc.transpose(tfc.reshape(y, [n, x.shape[1]!, heads, width]), [0, 2, 1, 3]);
      return tfc.reshape(split, [n * heads, x.shape[1]!, width]);
    };
    const q = tfc.mul(project(query, this.query), 1 / Math.sqrt(size));
    const scores = tfc.matMul(q, project(key, this.key), false, true);
    const seen = this.attend(scores, project(value, this.value), isTraining);
    const width = seen.shape.at(-1)!;
    const joined = tfc.reshape(tfc.transpose(tfc.reshape(seen, [n, heads, queries!, width]), [0, 2, 1, 3]), [-1, heads * width]);
    const w = this.result.kernel.read();
    const y = tfc.matMul(joined as tfc.Tensor2D, tfc.reshape(w, [heads * width, w.shape[2]!]) as tfc.Tensor2D);
    return tfc.reshape(this.result.bias ? tfc.add(y, this.result.bias.read()) : y, [n, queries!, w.shape[2]!]);
  }

  private attended(rank: number): number[] {
    const given = this.config.attentionAxes as number | number[] | null | undefined;
    if (given === null || given === undefined) return Array.from({ length: rank - 2 }, (_, i) => i + 1);
    return (Array.isArray(given) ? given : [given]).map((a) => (a + rank) % rank);
  }

  /** The order of axes that puts those attended over before the features, and the way back. */
  private axes(rank: number): { order: number[]; back: number[] } {
    const over = this.attended(rank);
    const others = Array.from({ length: rank - 1 }, (_, i) => i).filter((i) => !over.includes(i));
    const order = [...others, ...over, rank - 1];
    return { order, back: order.map((_, i) => order.indexOf(i)) };
  }
}
