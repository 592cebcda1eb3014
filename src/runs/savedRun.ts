import type { SavedModel } from '../weights/write/savedModel';
import { readCheckpoint, readManifest } from './runReader';

/**
 * A run's newest weights, all of them, ready to be saved in another format.
 * @throws Error when the folder holds no run, or no checkpoint yet.
 */
export async function savedRun(folder: string): Promise<SavedModel> {
  const { spec } = await readManifest(folder);
  const checkpoint = await readCheckpoint(folder);
  if (!checkpoint) throw new Error('it holds no checkpoint yet; train at least one step');
  const tensors = spec.layers.flatMap((layer) =>
    layer.weights.map(({ name, shape }) => {
      const tensor = checkpoint.tensors.get(`weight:${layer.name}/${name}`);
      if (!tensor) throw new Error(`its checkpoint holds no ${layer.name}/${name}; start the run anew`);
      return { layer: layer.name, weight: name, shape, values: tensor.values };
    }),
  );
  const layers = spec.layers.map(({ name, className }) => ({ name, className }));
  return { name: spec.name, topology: spec.topology, layers, tensors };
}
