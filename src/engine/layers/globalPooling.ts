import * as tfc from '@tensorflow/tfjs-core';
import { layerClass, single } from './layerClasses';

/** GlobalAveragePooling2D and GlobalMaxPooling2D as a pooling with one window, whose kernels are fast. */
function globalPooling(kind: 'Average' | 'Max') {
  const Base = layerClass(`Global${kind}Pooling2D`);
  return class extends Base {
    static readonly className = `KernelscopeGlobal${kind}Pooling2D`;

    override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor | tfc.Tensor[] {
      if (this.dataFormat !== 'channelsLast') return super.call(inputs, kwargs);
      return tfc.tidy(() => {
        const x = single(inputs) as tfc.Tensor4D;
        const [n, h, w, c] = x.shape;
        const pool = kind === 'Average' ? tfc.avgPool : tfc.maxPool;
        return tfc.reshape(pool(x, [h, w], 1, 'valid'), [n, c]);
      });
    }
  };
}

export const GlobalAveragePool = globalPooling('Average');
export const GlobalMaxPool = globalPooling('Max');
