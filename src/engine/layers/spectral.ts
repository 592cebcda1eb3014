import * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { assign } from '../kernels/elementwiseKernels';
import { kernelContext } from '../kernels/kernels';
import type { LayerConfig } from './noiseLayer';
import { oneShape, type Shape } from './ownLayer';
import { layerFrom, Wrapping } from './wrappers';

type Layer = tfl.layers.Layer;

/**
 * Keras's SpectralNormalization (Miyato et al. 2018): before every training step the kernel is divided by its largest singular value, as
 * a power iteration finds it. As in Keras the kernel itself is changed, outside what is differentiated.
 */
export class SpectralNorm extends Wrapping {
  static readonly className = 'KernelscopeSpectralNormalization';
  readonly parts: readonly Layer[];
  private vector!: tfl.LayerVariable;

  constructor(config: LayerConfig) {
    super(config);
    this.parts = [layerFrom(config.layer)];
  }

  override build(inputShape: Shape | Shape[]): void {
    const [inner] = this.parts;
    if (!inner.built) {
      inner.build(oneShape(inputShape));
      inner.built = true;
    }
    const channels = inner.weights[0].shape.at(-1)!;
    this.vector = this.variable('vector_u', [1, channels], 'vector', false);
    super.build(inputShape);
  }

  override get weights(): tfl.LayerVariable[] {
    return [...super.weights, ...(this.vector ? [this.vector] : [])];
  }
  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return [...super.nonTrainableWeights, ...(this.vector ? [this.vector] : [])];
  }
  override set nonTrainableWeights(_: tfl.LayerVariable[]) {
    // The list is made when it is asked for.
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.parts[0].computeOutputShape(inputShape as Shape) as Shape | Shape[];
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor | tfc.Tensor[] {
    if (kwargs.training === true) this.normaliseKernel();
    return this.parts[0].call(inputs, kwargs);
  }

  private normaliseKernel(): void {
    const kernel = this.parts[0].weights[0];
    tfc.tidy(() => {
      const w = tfc.reshape(kernel.read(), [-1, kernel.shape.at(-1)!]) as tfc.Tensor2D;
      const unit = (v: tfc.Tensor): tfc.Tensor2D => tfc.mul(v, tfc.rsqrt(tfc.maximum(tfc.sum(tfc.square(v)), 1e-12)));
      let u = this.vector.read() as tfc.Tensor2D;
      let v = unit(tfc.matMul(u, w, false, true));
      for (let i = 0; i < this.number('powerIterations', 1); i++) {
        v = unit(tfc.matMul(u, w, false, true));
        u = unit(tfc.matMul(v, w));
      }
      const sigma = tfc.matMul(tfc.matMul(v, w), u, false, true);
      overwrite(this.vector, u);
      overwrite(kernel, tfc.reshape(tfc.div(w, sigma), kernel.shape as number[]));
    });
  }
}

/** Gives a variable new values; in WebAssembly where it is, as a captured step must. */
function overwrite(variable: tfl.LayerVariable, values: tfc.Tensor): void {
  const context = tfc.getBackend() === 'wasm' ? kernelContext() : undefined;
  if (context) assign(context, variable.read(), values);
  else variable.write(values);
}
