import type { DataSpec, DatasetInfo } from '../../src/common/dataSpec';
import type { ModelSpec } from '../../src/common/modelSpec';
import { Random } from '../../src/common/random';
import type { Batch } from '../../src/engine/batches';
import { buildModel } from '../../src/engine/buildModel';
import { inputGeometry, outputUnits, type InputGeometry } from '../../src/engine/modelShapes';
import { Network } from '../../src/engine/network';
import { decideObjective } from '../../src/engine/objective';
import { Optimizer } from '../../src/engine/optimizers/optimizer';
import { readModelSource } from '../../src/model/readModelSource';

/** What a step of training needs, without a data set or a run. */
export interface ReadyNetwork {
  spec: ModelSpec;
  network: Network;
  optimizer: Optimizer;
  geometry: InputGeometry;
}

/**
 * Builds the first model of a Keras source. The backend must have been started.
 * @param classMode what the file would say it learns from
 * @throws Error when the source defines none.
 */
export async function networkFrom(text: string, seed = 1, classMode?: DataSpec['classMode']): Promise<ReadyNetwork> {
  const source = await readModelSource({ path: 'model.py', text });
  const [spec] = source.models;
  if (!spec?.training.optimizer) throw new Error(`no compiled model: ${source.notes.map((n) => n.message).join(' ')}`);
  if (classMode !== undefined) spec.data.classMode = classMode;
  const geometry = inputGeometry(spec);
  const units = outputUnits(spec);
  const info: DatasetInfo = {
    name: 'random',
    description: '',
    isSynthetic: true,
    inputShape: geometry.imageShape,
    classNames: Array.from({ length: Math.max(2, units) }, (_, i) => String(i)),
    trainCount: 0,
    validationCount: 0,
    testCount: 0,
    notes: [],
  };
  const objective = decideObjective(spec, info);
  const built = await buildModel(spec, seed, objective.split);
  return { spec, network: new Network(built, objective, geometry), optimizer: new Optimizer(spec.training.optimizer), geometry };
}

/** A batch of random images in 0…1 with random labels. */
export function randomBatch({ geometry, spec }: ReadyNetwork, count: number, name = 'batch'): Batch {
  const random = Random.stream(3, name);
  const inputs = Float32Array.from({ length: count * geometry.imageShape.reduce((a, b) => a * b) }, () => random.uniform(0, 1));
  const classes = Math.max(2, outputUnits(spec));
  return { count, inputs, labels: Int32Array.from({ length: count }, () => random.integer(classes)) };
}
