import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { convolveWindows, padsOf, type Windows } from '../ops/windows';
import { single } from './layerClasses';
import type { LayerConfig, NoiseClock } from './noiseLayer';
import { fixed, oneShape, OwnLayer, type Shape } from './ownLayer';
import { dropoutMask, type Seeded } from './seeded';

/** Keras's ConvLSTM1D, 2D and 3D (Shi et al. 2015): an LSTM whose products are convolutions. */
abstract class ConvLstm extends OwnLayer implements Seeded {
  clock: NoiseClock = { seed: 0, step: 0 };
  private kernel!: tfl.LayerVariable;
  private recurrentKernel!: tfl.LayerVariable;
  private bias: tfl.LayerVariable | null = null;

  constructor(
    config: LayerConfig,
    private readonly rank: number,
  ) {
    super(config);
  }

  private get filters(): number {
    return this.number('filters', 1);
  }

  private get windows(): Windows {
    return {
      strides: this.perAxis('strides', this.rank),
      dilations: this.perAxis('dilationRate', this.rank),
      padding: this.config.padding === 'same' ? 'same' : 'valid',
    };
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = fixed(this.isChannelsFirst ? shape[2] : shape.at(-1), `the channels that ${this.name} gets`);
    const kernel = this.perAxis('kernelSize', this.rank);
    this.kernel = this.variable('kernel', [...kernel, channels, 4 * this.filters]);
    this.recurrentKernel = this.variable('recurrent_kernel', [...kernel, this.filters, 4 * this.filters], 'recurrent');
    if (this.config.useBias !== false) this.bias = this.variable('bias', [4 * this.filters]);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const [batch, time, ...rest] = oneShape(inputShape);
    const { strides, dilations, padding } = this.windows;
    const kernel = this.perAxis('kernelSize', this.rank);
    const spatial = (this.isChannelsFirst ? rest.slice(1) : rest.slice(0, -1)).map((n, i) => {
      if (n === null) return null;
      const [before, after] = padsOf(n, kernel[i], strides[i], dilations[i], padding);
      return Math.floor((n + before + after - (kernel[i] - 1) * dilations[i] - 1) / strides[i]) + 1;
    });
    const image = this.isChannelsFirst ? [this.filters, ...spatial] : [...spatial, this.filters];
    const output = this.config.returnSequences === true ? [batch, time, ...image] : [batch, ...image];
    return this.config.returnState === true ? [output, [batch, ...image], [batch, ...image]] : output;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor | tfc.Tensor[] {
    return tfc.tidy(() => {
      const given = single(inputs);
      const axes = Array.from({ length: this.rank }, (_, i) => i);
      const x = this.isChannelsFirst ? tfc.transpose(given, [0, 1, ...axes.map((a) => a + 3), 2]) : given;
      const isTraining = kwargs.training === true;
      const drop = (part: string, rate: number, shape: number[]): tfc.Tensor | null =>
        isTraining && rate > 0 ? dropoutMask(this.clock, `${this.name}/${part}`, shape, rate) : null;
      const [n, time, ...image] = x.shape;
      const inputMask = drop('dropout', this.number('dropout', 0), [n, ...image]);
      const ones = Array<number>(this.rank).fill(1);
      const inner: Windows = { strides: ones, dilations: ones, padding: 'same' };
      const apply = (name: string, fallback: string) => (v: tfc.Tensor) => this.activate(v, this.config[name] ?? fallback);
      const [activation, gate] = [apply('activation', 'tanh'), apply('recurrentActivation', 'sigmoid')];
      let h: tfc.Tensor | null = null;
      let c: tfc.Tensor | null = null;
      let stateMask: tfc.Tensor | null = null;
      const outputs: tfc.Tensor[] = [];
      const frames = tfc.unstack(x, 1);
      for (let t = 0; t < time; t++) {
        const frame = frames[this.config.goBackwards === true ? time - 1 - t : t];
        const fromInput = convolveWindows(
          inputMask ? tfc.mul(frame, inputMask) : frame,
          this.kernel.read(),
          this.bias?.read(),
          this.windows,
        );
        if (!stateMask && t === 0)
          stateMask = drop('recurrent_dropout', this.number('recurrentDropout', 0), [...fromInput.shape.slice(0, -1), this.filters]);
        // The first state is zero, and so is what a convolution makes of it.
        const sum: tfc.Tensor = h
          ? tfc.add(fromInput, convolveWindows(stateMask ? tfc.mul(h, stateMask) : h, this.recurrentKernel.read(), undefined, inner))
          : fromInput;
        const [i, f, g, o]: tfc.Tensor[] = tfc.split(sum, 4, sum.rank - 1);
        const added = tfc.mul(gate(i), activation(g));
        c = c ? tfc.add(tfc.mul(gate(f), c), added) : added;
        h = tfc.mul(gate(o), activation(c));
        outputs.push(h);
      }
      const back = (v: tfc.Tensor): tfc.Tensor =>
        this.isChannelsFirst ? tfc.transpose(v, [0, this.rank + 1, ...axes.map((a) => a + 1)]) : v;
      const last = back(h!);
      const output = this.config.returnSequences === true ? tfc.stack(outputs.map(back), 1) : last;
      return this.config.returnState === true ? [output, last, back(c!)] : output;
    });
  }
}

export class ConvLstm1D extends ConvLstm {
  static readonly className = 'KernelscopeConvLSTM1D';
  constructor(config: LayerConfig) {
    super(config, 1);
  }
}
export class ConvLstm2D extends ConvLstm {
  static readonly className = 'KernelscopeConvLSTM2D';
  constructor(config: LayerConfig) {
    super(config, 2);
  }
}
export class ConvLstm3D extends ConvLstm {
  static readonly className = 'KernelscopeConvLSTM3D';
  constructor(config: LayerConfig) {
    super(config, 3);
  }
}
