import type { StartParams } from '../../common/trainingProtocol';
import { readCheckpoint, readManifest } from '../../runs/runReader';
import { restoreWeights } from '../checkpoint';
import { prepareNetwork } from '../prepareNetwork';
import { copyWeights } from './probeState';
import type { ProbeTarget } from './probeTarget';
import { storedState } from './storedState';

/**
 * A run that nobody trains, opened from its folder to be looked into; nothing is written. Its newest step is that of its checkpoint.
 * @throws Error with what is wrong and the way out: no checkpoint, or images that are no longer there.
 */
export async function openRun(params: StartParams, signal: AbortSignal): Promise<ProbeTarget> {
  const { runFolder } = params;
  const checkpoint = await readCheckpoint(runFolder);
  if (!checkpoint) throw new Error('This run’s folder holds no checkpoint, so its network can’t be put together again.');
  const manifest = await readManifest(runFolder);
  const { network, dataset, batches } = await prepareNetwork({ ...manifest, earlier: manifest.backend }, () => {}, signal);
  const { parameters } = network.built;
  const { step: stepsTaken } = restoreWeights(checkpoint, parameters);
  const newest = () =>
    // With the last step's own frame the step can be looked into as well; else the coming one.
    storedState(runFolder, stepsTaken, parameters).catch(() => ({
      step: stepsTaken + 1,
      kind: 'next' as const,
      weights: copyWeights(parameters),
      taken: null,
    }));
  return {
    network,
    dataset,
    batches,
    state: (step) => (step === undefined ? newest() : storedState(runFolder, step, parameters)),
    stepsTaken,
  };
}
