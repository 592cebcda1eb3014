import type { StartParams } from '../../common/trainingProtocol';
import { readCheckpoint, readManifest } from '../../runs/runReader';
import { restoreWeights } from '../checkpoint';
import { prepareNetwork } from '../prepareNetwork';
import { copyWeights, type ProbeState } from './probeState';
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
  const coming = (): ProbeState => ({ step: stepsTaken + 1, kind: 'next', weights: copyWeights(parameters), taken: null });
  // With the whole frame of the last step that step can be looked into; large weights are in the checkpoint alone, and then it is the coming one.
  const newest = () => storedState(runFolder, stepsTaken, parameters).then((state) => (state.missing?.length ? coming() : state), coming);
  return {
    network,
    dataset,
    batches,
    state: (step) => (step === undefined ? newest() : storedState(runFolder, step, parameters)),
    stepsTaken,
  };
}
