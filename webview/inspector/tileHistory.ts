import { frameKey } from '../../src/common/frame';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import { gather, tileOffsets } from '../kernels/kernelMeasures';
import type { WeightView } from '../run/layerView';
import type { RunData } from '../run/runData';

/** One tile at several steps: `values` holds `length` numbers per step, row by row, channels innermost. */
export interface TileHistory {
  steps: number[];
  length: number;
  values: Float32Array;
}

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
): Promise<TileHistory> {
  // The host tells kernels apart by the last axis. Only transposed convolutions have them elsewhere.
  if (view.kind === 'transpose') return fromFrames(run, layer, weight, view, filter);
  const last = weight.shape[weight.shape.length - 1] ?? 1;
  const history = await run.channel.call('loadKernelHistory', { layer: layer.name, weight: weight.name, filter: filter % last });
  const values = history.values instanceof Float32Array ? history.values : new Float32Array(history.values);
  if (view.kind !== 'depthwise') return { steps: history.steps, length: history.length, values };
  const channels = weight.shape[weight.shape.length - 2];
  const channel = Math.floor(filter / last);
  const length = history.length / channels;
  const own = new Float32Array(history.steps.length * length);
  for (let i = 0; i < own.length; i++) own[i] = values[i * channels + channel];
  return { steps: history.steps, length, values: own };
}

async function fromFrames(run: RunData, layer: LayerInfo, weight: WeightSpec, view: WeightView, filter: number): Promise<TileHistory> {
  const offsets = tileOffsets(view, filter);
  const every = Math.max(1, Math.ceil(run.storedSteps.length / MAX_FRAMES));
  const steps: number[] = [];
  const parts: Float32Array[] = [];
  for (const step of run.storedSteps.filter((_, i) => i % every === 0)) {
    const tensor = (await run.frameAt(step)).tensors.get(frameKey('weight', layer.name, weight.name));
    if (!tensor) continue;
    steps.push(step);
    parts.push(gather(tensor.values, offsets));
  }
  const values = new Float32Array(parts.length * offsets.length);
  parts.forEach((p, i) => values.set(p, i * offsets.length));
  return { steps, length: offsets.length, values };
}
