import { decodeFrame, frameKey } from '../common/frame';
import type { KernelHistory } from '../common/panelProtocol';

/**
 * One kernel through a run's stored frames.
 * @param loadFrame an encoded frame by step.
 * @throws Error when no frame holds the weight.
 */
export async function kernelHistory(
  steps: readonly number[],
  loadFrame: (step: number) => Promise<ArrayBuffer>,
  which: { layer: string; weight: string; filter: number },
): Promise<KernelHistory> {
  const found: { step: number; parts: Float32Array[] }[] = [];
  for (const step of steps) {
    // A frame may be thinned away while its neighbours are read.
    const tensors = await loadFrame(step).then(
      (buffer) => decodeFrame(buffer).tensors,
      () => undefined,
    );
    const weight = tensors?.get(frameKey('weight', which.layer, which.weight));
    if (!tensors || !weight) continue;
    const filters = weight.shape.at(-1) ?? 1;
    if (which.filter < 0 || which.filter >= filters) throw new Error(`${which.layer} has ${filters} filters, no number ${which.filter}`);
    const parts = (['weight', 'gradient', 'update'] as const).map((field) => {
      const all = tensors.get(frameKey(field, which.layer, which.weight))?.values;
      return Float32Array.from({ length: weight.values.length / filters }, (_, i) => all?.[i * filters + which.filter] ?? NaN);
    });
    found.push({ step, parts });
  }
  if (found.length === 0) throw new Error(`no stored frame holds ${which.layer}/${which.weight}`);
  const { length } = found[0].parts[0];
  const [values, gradients, updates] = [0, 1, 2].map((k) => {
    const joined = new Float32Array(found.length * length);
    found.forEach(({ parts }, i) => joined.set(parts[k], i * length));
    return joined.buffer;
  });
  return { steps: found.map((f) => f.step), values, gradients, updates, length };
}
