import { frameKey } from '../../src/common/frame';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import type { KernelFilm } from '../../src/insight/kernelStory';
import { gather, tileOffsets } from '../kernels/kernelMeasures';
import type { WeightView } from '../run/layerView';
import type { RunData } from '../run/runData';

const MAX_FRAMES = 64;

/**
 * One kernel (unit, value) through the stored frames.
 * @throws Error when the host can't read them.
 */
export async function loadTileHistory(
  run: RunData,
  layer: LayerInfo,
  weight: WeightSpec,
  view: WeightView,
  filter: number,
): Promise<KernelFilm> {
  // The host tells kernels apart by the last axis. Only transposed convolutions have them elsewhere.
  if (view.kind === 'transpose') return fromFrames(run, layer, weight, view, filter);
  const last = weight.shape[weight.shape.length - 1] ?? 1;
  const history = await run.channel.call('loadKernelHistory', { layer: layer.name, weight: weight.name, filter: filter % last });
  const { steps } = history;
  const [values, gradients, updates] = [history.values, history.gradients, history.updates].map((v) =>
    v instanceof Float32Array ? v : new Float32Array(v),
  );
  if (view.kind !== 'depthwise') return { steps, length: history.length, values, gradients, updates };
  const channels = weight.shape[weight.shape.length - 2];
  const channel = Math.floor(filter / last);
  const length = history.length / channels;
  const ownOf = (all: Float32Array) => Float32Array.from({ length: steps.length * length }, (_, i) => all[i * channels + channel]);
  return { steps, length, values: ownOf(values), gradients: ownOf(gradients), updates: ownOf(updates) };
}

async function fromFrames(run: RunData, layer: LayerInfo, weight: WeightSpec, view: WeightView, filter: number): Promise<KernelFilm> {
  const offsets = tileOffsets(view, filter);
  const every = Math.max(1, Math.ceil(run.storedSteps.length / MAX_FRAMES));
  const steps: number[] = [];
  const parts: Record<'weight' | 'gradient' | 'update', Float32Array[]> = { weight: [], gradient: [], update: [] };
  for (const step of run.storedSteps.filter((_, i) => i % every === 0)) {
    const { tensors } = await run.frameAt(step);
    if (!tensors.has(frameKey('weight', layer.name, weight.name))) continue;
    steps.push(step);
    for (const field of ['weight', 'gradient', 'update'] as const) {
      const tensor = tensors.get(frameKey(field, layer.name, weight.name));
      parts[field].push(tensor ? gather(tensor.values, offsets) : new Float32Array(offsets.length).fill(NaN));
    }
  }
  const joined = (of: Float32Array[]) => {
    const all = new Float32Array(of.length * offsets.length);
    of.forEach((p, i) => all.set(p, i * offsets.length));
    return all;
  };
  return {
    steps,
    length: offsets.length,
    values: joined(parts.weight),
    gradients: joined(parts.gradient),
    updates: joined(parts.update),
  };
}
