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
  const key = frameKey('weight', which.layer, which.weight);
  const found: { step: number; values: Float32Array }[] = [];
  for (const step of steps) {
    // A frame may be thinned away while its neighbours are read.
    const tensor = await loadFrame(step).then(
      (buffer) => decodeFrame(buffer).tensors.get(key),
      () => undefined,
    );
    if (!tensor) continue;
    const filters = tensor.shape.at(-1) ?? 1;
    if (which.filter < 0 || which.filter >= filters) throw new Error(`${which.layer} has ${filters} filters, no number ${which.filter}`);
    const values = new Float32Array(tensor.values.length / filters);
    for (let i = 0; i < values.length; i++) values[i] = tensor.values[i * filters + which.filter];
    found.push({ step, values });
  }
  if (found.length === 0) throw new Error(`no stored frame holds ${which.layer}/${which.weight}`);
  const length = found[0].values.length;
  const values = new Float32Array(found.length * length);
  found.forEach((f, i) => values.set(f.values, i * length));
  return { steps: found.map((f) => f.step), values: values.buffer, length };
}
