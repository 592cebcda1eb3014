import * as tfc from '@tensorflow/tfjs-core';
import { currentLayer } from '../ops/mark';
import type { Parameter } from '../parameter';
import { convolutionTerms, denseTerms, type TermsRequest, type WeightTerms } from './weightTerms';

/** Layers whose weights are multiplied with inputs, summed up: their gradients are sums of X · dY. */
const PRODUCTS = /^(Conv[12]D|Conv[12]DTranspose|Convolution[12]D|DepthwiseConv2D|SeparableConv[12]D|Dense)$/;

/**
 * What to look for in the backward pass to get at a weight's products.
 * @throws Error, in words for a person, when its gradient is no such sum.
 */
export function termsRequest({ layer, className, name, spec, isTrained }: Parameter, offset: number): TermsRequest {
  const size = spec.shape.reduce((a, b) => a * b, 1);
  if (!(Number.isInteger(offset) && offset >= 0 && offset < size)) throw new Error(`${layer}/${name} has no weight number ${offset}`);
  if (!isTrained) throw new Error(`${layer}/${name} gets no gradient: it is not changed by the optimiser.`);
  if (!PRODUCTS.test(className) || !/kernel|bias/.test(name))
    throw new Error(
      `The gradient of ${layer}/${name} is not a plain sum of input times output gradient: ${className} layers use it in another way. Choose a weight of a convolution or of a dense layer.`,
    );
  return {
    shape: spec.shape,
    offset,
    isBias: name === 'bias',
    isDepthwise: name === 'depthwise_kernel' || className === 'DepthwiseConv2D',
    isTransposed: className.endsWith('Transpose'),
  };
}

/**
 * Runs a backward pass and takes the products of one weight's gradient from the very operands that the gradient is computed from.
 * A layer that is used several times has several sets of terms.
 */
export function watchGradient<T>(layer: string, images: number, request: TermsRequest, run: () => T): { result: T; terms: WeightTerms[] } {
  const engine = tfc.engine();
  const terms: WeightTerms[] = [];
  const look = (kernel: string, inputs: tfc.NamedTensorMap, attrs: unknown): void => {
    if (currentLayer() !== layer) return;
    const found = termsOf(kernel, inputs, attrs, images, request);
    if (found) terms.push(found);
  };
  // An own property hides the method for as long as this runs.
  const watched = engine as { runKernel: typeof engine.runKernel };
  const { runKernel } = engine;
  watched.runKernel = function <R extends tfc.Tensor | tfc.Tensor[]>(...[kernel, inputs, attrs]: Parameters<typeof runKernel>): R {
    look(kernel, inputs, attrs);
    return runKernel.call(engine, kernel, inputs, attrs) as R;
  };
  try {
    return { result: run(), terms };
  } finally {
    delete (watched as Partial<typeof watched>).runKernel;
  }
}

function termsOf(kernel: string, inputs: tfc.NamedTensorMap, attrs: unknown, images: number, request: TermsRequest): WeightTerms | null {
  switch (kernel) {
    case tfc.Conv2DBackpropFilter:
      return request.isDepthwise ? null : convolutionTerms(inputs.x as tfc.Tensor4D, inputs.dy as tfc.Tensor4D, attrs as never, request);
    case tfc.DepthwiseConv2dNativeBackpropFilter:
      return !request.isDepthwise ? null : convolutionTerms(inputs.x as tfc.Tensor4D, inputs.dy as tfc.Tensor4D, attrs as never, request);
    case tfc.BatchMatMul:
      return (attrs as { transposeA: boolean }).transposeA ? denseTerms(inputs.a, inputs.b, images, request) : null;
    default:
      return null;
  }
}
