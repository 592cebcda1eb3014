import * as tfc from '@tensorflow/tfjs-core';

type Apply = (x: tfc.Tensor) => tfc.Tensor;

/** Keras activations that TF.js does not know, by their name in camel case. */
const activations: Record<string, Apply> = {
  silu: (x) => tfc.mul(x, tfc.sigmoid(x)),
  exponential: (x) => tfc.exp(x),
  // Keras 3's default slope.
  leakyRelu: (x) => tfc.leakyRelu(x, 0.2),
  hardSilu: (x) => tfc.mul(x, tfc.div(tfc.clipByValue(tfc.add(x, 3), 0, 6), 6)),
  tanhShrink: (x) => tfc.sub(x, tfc.tanh(x)),
  logSigmoid: (x) => tfc.logSigmoid(x),
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
