import { kernelGeometry, kernelKind, type KernelGeometry } from '../../common/kernelGeometry';
import type { KnockOut, ProbeCalls } from '../../common/probeProtocol';
import type { Parameter } from '../parameter';
import { compareNetworks, refuseWithoutAccuracy } from './compareNetworks';
import { networkAt, type ProbeTarget } from './probeTarget';

/**
 * Accuracy on held-out images when kernels are replaced by their twins: each becomes its twin times the factor that comes nearest to it,
 * which is negative for a twin turned negative. Biases and what follows stay (Ayinde & Zurada 2018 merge by cosine as well).
 */
export async function mergeKernels(
  target: ProbeTarget,
  { layer, pairs, step: at }: ProbeCalls['mergeKernels']['params'],
  signal: AbortSignal,
): Promise<KnockOut> {
  refuseWithoutAccuracy(target);
  const { parameters } = target.network.built;
  const index = parameters.findIndex((p) => p.layer === layer && p.spec.shape.length >= 2);
  if (index < 0) throw new Error(`${layer} has no kernels to merge`);
  const { step, weights } = await networkAt(target, at);
  const merged = weights.map((w, i) => (i === index ? mergedKernels(w, geometryOf(parameters[i]), pairs, layer) : w));
  const run = <T>(pass: () => T): T => pass();
  return { at: layer, ...(await compareNetworks(target, step, { weights, run }, { weights: merged, run }, signal)) };
}

/** Dense units are kernels of one pixel. */
function geometryOf({ spec: { shape }, className, name }: Parameter): KernelGeometry {
  const geometry = kernelGeometry(shape, kernelKind(className, name));
  return geometry ?? { kh: 1, kw: 1, cin: shape[0], filters: shape[1], strides: [0, 0, shape[1], 1] };
}

function mergedKernels(
  values: Float32Array,
  { kh, kw, cin, filters, strides }: KernelGeometry,
  pairs: readonly { kernel: number; twin: number }[],
  layer: string,
): Float32Array {
  const result = values.slice();
  for (const { kernel, twin } of pairs) {
    for (const k of [kernel, twin])
      if (!(Number.isInteger(k) && k >= 0 && k < filters)) throw new Error(`${layer} has no kernel ${k}; it has ${filters}`);
    const places: number[] = [];
    for (let y = 0; y < kh; y++)
      for (let x = 0; x < kw; x++) for (let c = 0; c < cin; c++) places.push(y * strides[0] + x * strides[1] + c * strides[2]);
    let [product, square] = [0, 0];
    for (const at of places) {
      product += values[at + kernel * strides[3]] * values[at + twin * strides[3]];
      square += values[at + twin * strides[3]] ** 2;
    }
    const factor = square > 0 ? product / square : 0;
    for (const at of places) result[at + kernel * strides[3]] = factor * values[at + twin * strides[3]];
  }
  return result;
}
