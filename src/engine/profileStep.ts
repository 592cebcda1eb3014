import type { LayerTime } from '../common/stepProfile';
import type { Machine } from './kernels/machine';
import { currentLayer, isBackward } from './ops/mark';

/**
 * Adds up the time of kernels by layer while `run` makes its calls.
 * @returns milliseconds in all; layers in the order in which they came
 */
export function timeByLayer(machine: Machine, run: () => void): LayerTime[] {
  const layers = new Map<string, LayerTime>();
  machine.onMeasure = (_launch, ms) => {
    const layer = currentLayer() ?? 'loss';
    let time = layers.get(layer);
    if (!time) layers.set(layer, (time = { layer, forward: 0, backward: 0 }));
    time[isBackward() ? 'backward' : 'forward'] += ms;
  };
  try {
    run();
  } finally {
    machine.onMeasure = undefined;
  }
  return [...layers.values()];
}
