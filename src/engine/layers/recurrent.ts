import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { cells, type CellKind, type Step } from './cells';
import type { LayerConfig, NoiseClock } from './noiseLayer';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';
import { dropoutMask, type Seeded } from './seeded';

type Kwargs = Record<string, unknown>;

/**
 * Keras's SimpleRNN, GRU (with reset_after or without) and LSTM: the products with the inputs of all times are one product, dropout is
 * drawn from the run's seed. Further inputs are the initial states.
 */
abstract class Recurrent extends OwnLayer implements Seeded {
  clock: NoiseClock = { seed: 0, step: 0 };
  private kernel!: tfl.LayerVariable;
  private recurrentKernel!: tfl.LayerVariable;
  private bias: tfl.LayerVariable | null = null;

  constructor(
    config: LayerConfig,
    private readonly kind: CellKind,
  ) {
    super(config);
  }

  private get units(): number {
    return this.number('units', 1);
  }

  get returnsSequences(): boolean {
    return this.config.returnSequences === true;
  }

  get returnsState(): boolean {
    return this.config.returnState === true;
  }

  /** Whether it reads the sequence from its end. */
  get isBackward(): boolean {
    return this.config.goBackwards === true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const features = fixed(oneShape(inputShape).at(-1), `the features that ${this.name} gets`);
    const { gates } = cells[this.kind];
    const width = gates * this.units;
    this.kernel = this.variable('kernel', [features, width]);
    this.recurrentKernel = this.variable('recurrent_kernel', [this.units, width], 'recurrent');
    const isDouble = this.config.resetAfter === true || this.config.isCudnn === true || this.config.doubleBias === true;
    if (this.config.useBias !== false) this.bias = this.variable('bias', isDouble ? [2, width] : [width]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const [batch, time] = oneShape(inputShape);
    const output = this.returnsSequences ? [batch, time, this.units] : [batch, this.units];
    if (!this.returnsState) return output;
    return [output, ...Array.from({ length: cells[this.kind].states }, () => [batch, this.units])];
  }

  override computeMask(_inputs: tfc.Tensor | tfc.Tensor[], mask?: tfc.Tensor | tfc.Tensor[]): tfc.Tensor | tfc.Tensor[] {
    const given = Array.isArray(mask) ? mask[0] : mask;
    const own = (this.returnsSequences ? (given ?? null) : null) as tfc.Tensor;
    return this.returnsState ? [own, ...Array<tfc.Tensor>(cells[this.kind].states).fill(null as unknown as tfc.Tensor)] : own;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Kwargs): tfc.Tensor | tfc.Tensor[] {
    return tfc.tidy(() => {
      const [given, ...initial] = Array.isArray(inputs) ? inputs : [inputs];
      const [n, time, features] = given.shape as [number, number, number];
      const isTraining = kwargs.training === true;
      const drop = (part: string, rate: number, shape: number[]): tfc.Tensor | null =>
        isTraining && rate > 0 ? dropoutMask(this.clock, `${this.name}/${part}`, shape, rate) : null;
      const inputMask = drop('dropout', this.number('dropout', 0), [n, 1, features]);
      const stateMask = drop('recurrent_dropout', this.number('recurrentDropout', 0), [n, this.units]);
      const x = inputMask ? tfc.mul(given, inputMask) : given;
      const [inputBias, stateBias] = this.biases();
      const product = tfc.matMul(tfc.reshape(x, [n * time, features]) as tfc.Tensor2D, this.kernel.read() as tfc.Tensor2D);
      const biased = inputBias ? tfc.add(product, inputBias) : product;
      // TF.js's gradient of taking a single part out fails.
      const atTime = time === 1 ? [biased] : tfc.unstack(tfc.reshape(biased, [n, time, product.shape[1]!]), 1);
      const mask = Array.isArray(kwargs.mask) ? (kwargs.mask[0] as tfc.Tensor | null) : (kwargs.mask as tfc.Tensor | undefined);
      const maskAt = mask ? tfc.unstack(tfc.cast(mask, 'float32'), 1) : null;
      const step: Step = {
        kernel: this.recurrentKernel.read() as tfc.Tensor2D,
        bias: stateBias,
        resetsAfter: this.config.resetAfter === true,
        mask: stateMask,
        activation: (v) => this.activate(v, this.config.activation ?? 'tanh'),
        recurrentActivation: (v) => this.activate(v, this.config.recurrentActivation ?? 'sigmoid'),
      };
      const cell = cells[this.kind];
      let states = initial.length === cell.states ? initial : Array.from({ length: cell.states }, () => tfc.zeros([n, this.units]));
      const order = Array.from({ length: time }, (_, t) => (this.isBackward ? time - 1 - t : t));
      const outputs: tfc.Tensor[] = [];
      for (const t of order) {
        const next = cell.run(atTime[t], states, step);
        const isSeen = maskAt && tfc.reshape(maskAt[t], [n, 1]);
        // Masked times leave everything as it was.
        states = isSeen ? next.map((s, i) => tfc.add(states[i], tfc.mul(isSeen, tfc.sub(s, states[i])))) : next;
        if (this.returnsSequences) outputs.push(states[0]);
      }
      const output = this.returnsSequences ? tfc.stack(outputs, 1) : states[0];
      return this.returnsState ? [output, ...states] : output;
    });
  }

  /** What is added to the product with the input, and with the state. */
  private biases(): [tfc.Tensor | undefined, tfc.Tensor | undefined] {
    if (!this.bias) return [undefined, undefined];
    const bias = this.bias.read();
    if (bias.rank === 1) return [bias, undefined];
    const [first, second] = tfc.unstack(bias);
    return this.kind === 'gru' ? [first, second] : [tfc.add(first, second), undefined];
  }
}

export class SimpleRecurrent extends Recurrent {
  static readonly className = 'KernelscopeSimpleRNN';
  constructor(config: LayerConfig) {
    super(config, 'simple');
  }
}
export class Gru extends Recurrent {
  static readonly className = 'KernelscopeGRU';
  constructor(config: LayerConfig) {
    super(config, 'gru');
  }
}
export class Lstm extends Recurrent {
  static readonly className = 'KernelscopeLSTM';
  constructor(config: LayerConfig) {
    super(config, 'lstm');
  }
}
