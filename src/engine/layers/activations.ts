import * as tfc from '@tensorflow/tfjs-core';
import { isAbove } from '../ops/comparisons';

type Apply = (x: tfc.Tensor) => tfc.Tensor;

const between = (x: tfc.Tensor, low: number, high: number): tfc.Tensor => tfc.clipByValue(x, low, high);

/** relu6(x) / 6 */
const sixth = (x: tfc.Tensor): tfc.Tensor => tfc.mul(tfc.relu6(x), 1 / 6);

/** Keras activations that TF.js does not know, or has otherwise, by their name in camel case. */
const activations: Record<string, Apply> = {
  silu: (x) => tfc.mul(x, tfc.sigmoid(x)),
  exponential: (x) => tfc.exp(x),
  // Keras 3's default slope.
  leakyRelu: (x) => tfc.leakyRelu(x, 0.2),
  celu: (x) => tfc.elu(x),
  hardSilu: (x) => tfc.mul(x, sixth(tfc.add(x, 3))),
  // Keras 3 changed its slope from 0.2 to 1/6.
  hardSigmoid: (x) => sixth(tfc.add(tfc.mul(x, 1.2), 3)),
  hardSigmoid3: (x) => sixth(tfc.add(x, 3)),
  hardTanh: (x) => between(x, -1, 1),
  hardShrink: (x) => tfc.mul(x, isAbove(tfc.abs(x), 0.5)),
  softShrink: (x) => tfc.sub(tfc.relu(tfc.sub(x, 0.5)), tfc.relu(tfc.sub(tfc.neg(x), 0.5))),
  tanhShrink: (x) => tfc.sub(x, tfc.tanh(x)),
  logSigmoid: (x) => tfc.neg(tfc.softplus(tfc.neg(x))),
  squareplus: (x) => tfc.mul(tfc.add(x, tfc.sqrt(tfc.add(tfc.square(x), 4))), 0.5),
  threshold: (x) => tfc.mul(x, isAbove(x, 0)),
  sparsePlus: (x) => tfc.add(tfc.relu(tfc.sub(x, 1)), tfc.mul(tfc.square(between(tfc.add(x, 1), 0, 2)), 0.25)),
  sparseSigmoid: (x) => between(tfc.mul(tfc.add(x, 1), 0.5), 0, 1),
};
const aliases: Record<string, string> = { hardSwish: 'hardSilu' };

/** Makes the activations above known to TF.js's deserialiser. */
export function registerActivations(): void {
  for (const name of [...Object.keys(activations), ...Object.keys(aliases)]) {
    const apply = activations[aliases[name] ?? name];
    const activation = class extends tfc.serialization.Serializable {
      static readonly className = name;
      apply(x: tfc.Tensor): tfc.Tensor {
        return tfc.tidy(() => apply(x));
      }
      override getConfig(): tfc.serialization.ConfigDict {
        return {};
      }
    };
    tfc.serialization.registerClass(activation);
  }
}
