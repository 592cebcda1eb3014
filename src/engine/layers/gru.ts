import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { layerClass } from './layerClasses';
import type { LayerConfig } from './noiseLayer';

type Apply = (x: tfc.Tensor) => tfc.Tensor;

/** The members of TF.js's GRU cell that ours builds on. */
interface GruCell extends tfl.layers.Layer {
  units: number;
  kernel: tfl.LayerVariable;
  recurrentKernel: tfl.LayerVariable;
  bias: tfl.LayerVariable | null;
  useBias: boolean;
  biasInitializer: Parameters<tfl.layers.Layer['addWeight']>[3];
  biasRegularizer: Parameters<tfl.layers.Layer['addWeight']>[4];
  biasConstraint: Parameters<tfl.layers.Layer['addWeight']>[6];
  activation: { apply: Apply };
  recurrentActivation: { apply: Apply };
}

const Cell = layerClass('GRUCell') as unknown as new (config: LayerConfig) => GruCell;

/**
 * Keras's GRU cell with reset_after, the default since TensorFlow 2: the reset gate is applied after the recurrent product, and input
 * and recurrence have a bias each. (Cho et al. 2014, version 1 of the paper; also cuDNN's.)
 */
class ResetAfterCell extends Cell {
  static readonly className = 'KernelscopeGRUCell';

  override build(inputShape: Parameters<tfl.layers.Layer['build']>[0]): void {
    const { useBias } = this;
    // TF.js would give it one bias.
    this.useBias = false;
    super.build(inputShape);
    this.useBias = useBias;
    const shape = [2, 3 * this.units];
    this.bias = useBias
      ? this.addWeight('bias', shape, undefined, this.biasInitializer, this.biasRegularizer, true, this.biasConstraint)
      : null;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor[] {
    return tfc.tidy(() => {
      const [x, h] = inputs as tfc.Tensor2D[];
      const bias = this.bias ? (tfc.unstack(this.bias.read()) as tfc.Tensor1D[]) : null;
      const product = (v: tfc.Tensor2D, kernel: tfl.LayerVariable, b: tfc.Tensor1D | undefined): tfc.Tensor[] => {
        const y = tfc.matMul(v, kernel.read() as tfc.Tensor2D);
        return tfc.split(b ? tfc.add(y, b) : y, 3, 1);
      };
      const [xz, xr, xh] = product(x, this.kernel, bias?.[0]);
      const [hz, hr, hh] = product(h, this.recurrentKernel, bias?.[1]);
      const z = this.recurrentActivation.apply(tfc.add(xz, hz));
      const r = this.recurrentActivation.apply(tfc.add(xr, hr));
      const candidate = this.activation.apply(tfc.add(xh, tfc.mul(r, hh)));
      const next = tfc.add(tfc.mul(z, h), tfc.mul(tfc.sub(1, z), candidate));
      return [next, next];
    });
  }
}

const Gru = layerClass('GRU') as unknown as new (config: LayerConfig) => tfl.layers.Layer & { cell: tfl.layers.Layer };

/** Keras's GRU with reset_after. */
export class ResetAfterGru extends Gru {
  static readonly className = 'KernelscopeGRU';

  constructor(config: LayerConfig) {
    super(config);
    this.cell = new ResetAfterCell({ ...config, name: undefined });
  }
}
