import * as tfc from '@tensorflow/tfjs-core';
import type { ActiveShare, ProbeCalls } from '../../common/probeProtocol';
import { interceptLayer, isBehind, lastPerChannel, layerAt } from './interceptLayer';
import { mapsOf } from './kernelSight';
import { breathe, withWeights } from './probeState';
import { networkAt, type ProbeTarget } from './probeTarget';
import { countOf, heldOut, range, readImages } from './sampleImages';

const IMAGES = 64;

/** At how many images and positions a kernel answers (its output behind the activation is above 0), through the run: 0 is a dead kernel. */
export async function activeShare(
  target: ProbeTarget,
  { layer: path, filter, steps }: ProbeCalls['activeShare']['params'],
  signal: AbortSignal,
): Promise<ActiveShare> {
  const { network, dataset } = target;
  const own = layerAt(network.built.model, path);
  const last = lastPerChannel(own);
  const split = heldOut(dataset);
  const batch = await readImages(dataset, split, range(0, Math.min(IMAGES, countOf(dataset, split))));
  const shares: (number | null)[] = [];
  for (const step of steps) {
    await breathe(signal);
    // Frames may have been thinned away meanwhile, or leave out weights before this layer.
    const state = await networkAt(target, step, isBehind(last, path)).catch(() => null);
    const count = (): number => {
      let share = 0;
      const look = (y: tfc.Tensor): tfc.Tensor => {
        const { maps } = mapsOf(own, y, filter, path);
        const values = maps.flatMap((m) => [...m]);
        share = values.filter((v) => v > 0).length / values.length;
        return y;
      };
      tfc.tidy(() => void interceptLayer(last, look, () => network.forward(batch, false)));
      return share;
    };
    shares.push(state && withWeights(network.built, state.weights, step, count));
  }
  return { split, images: batch.count, at: last.name, steps, shares };
}
