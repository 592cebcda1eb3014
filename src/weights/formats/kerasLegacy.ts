import type { JsonObject } from '../../common/json';
import { parseJson } from '../boundedJson';
import type { Convention, FoundFile, FoundTensor } from '../formatReader';
import { textAttribute, type Hdf5Reader } from '../hdf5/hdf5Reader';
import { hdf5Tensor } from '../hdf5/hdf5Tensor';
import { kerasGraph } from './kerasGraph';

const TOP_LEVEL = 'top_level_model_weights';

/**
 * Models and weights of Keras 1 and 2: the attribute `layer_names` lists groups, their attribute `weight_names` the data sets.
 * @returns null when there is no `layer_names`.
 */
export function readKerasLegacy(file: Hdf5Reader): FoundFile | null {
  const root = file.attributeNames('/').some((n) => /^layer_names\d*$/.test(n))
    ? '/'
    : file.names('/').includes('model_weights') && file.kind('/model_weights') === 'group'
      ? '/model_weights'
      : null;
  if (root === null) return null;
  const layers = chunkedNames(file, root, 'layer_names');
  if (layers === null) return null;
  const tensors: FoundTensor[] = [];
  const warnings: string[] = [];
  // Variables of the model itself, not of a layer, have a group that the list leaves out.
  const own = file.names(root).includes(TOP_LEVEL) && !layers.includes(TOP_LEVEL) ? [TOP_LEVEL] : [];
  for (const layer of [...layers, ...own]) {
    const group = `${root === '/' ? '' : root}/${layer}`;
    for (const weight of chunkedNames(file, group, 'weight_names') ?? []) {
      const name = `${layer}//${weight}`;
      tensors.push({ ...hdf5Tensor(file, `${group}/${weight}`, name), layer });
    }
  }
  const text = (name: string): string | null => {
    return textAttribute(file, '/', name) ?? (root === '/' ? null : textAttribute(file, root, name));
  };
  const producer: JsonObject = {};
  for (const key of ['keras_version', 'backend']) {
    const value = text(key);
    if (value !== null) producer[key] = value;
  }
  let topology: JsonObject = {};
  const config = text('model_config');
  try {
    if (config !== null) topology = parseJson(Buffer.from(config), 'the attribute model_config');
  } catch (error) {
    warnings.push((error as Error).message);
  }
  if (file.names('/').includes('optimizer_weights')) warnings.push("the optimiser's state (optimizer_weights) is left out");
  const convention = conventionOf(producer.keras_version as string | undefined, config);
  return { format: 'keras_h5', producer, convention, tensors, graph: kerasGraph(topology, tensors), warnings };
}

/** Since Keras 2 kernels are stored HWIO whatever the backend; Keras 1 had two orders and files without a mark. */
function conventionOf(version: string | undefined, config: string | null): Convention {
  if (version && Number.parseInt(version) >= 2) return 'keras';
  const ordering = /"dim_ordering":\s*"(th|tf)"/.exec(config ?? '')?.[1];
  return ordering === 'th' ? 'torch' : ordering === 'tf' ? 'keras' : 'unknown';
}

/** Names in an attribute; HDF5's limit of 64 KB makes Keras spread long lists over `name0`, `name1`, … */
function chunkedNames(file: Hdf5Reader, path: string, name: string): string[] | null {
  const present = file.attributeNames(path);
  const parts = present.includes(name)
    ? [name]
    : present
        .filter((n) => n.startsWith(name) && /^\d+$/.test(n.slice(name.length)))
        .sort((a, b) => Number(a.slice(name.length)) - Number(b.slice(name.length)));
  if (parts.length === 0) return null;
  return parts.flatMap((part) => {
    return (file.attribute(path, part) ?? []).map(String);
  });
}
