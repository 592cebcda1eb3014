import * as tfc from '@tensorflow/tfjs-core';

/** Runs a kernel of the active backend, recording it for the gradient. */
export function runKernel<T extends tfc.Tensor | tfc.Tensor[] = tfc.Tensor>(
  name: string,
  inputs: Record<string, tfc.Tensor | undefined>,
  attrs: object = {},
): T {
  const present = Object.fromEntries(Object.entries(inputs).filter(([, t]) => t !== undefined)) as tfc.NamedTensorMap;
  return tfc.engine().runKernel(name, present, attrs as tfc.NamedAttrMap) as T;
}
