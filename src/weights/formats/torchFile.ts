import type { JsonObject } from '../../common/json';
import type { WeightGraphNode } from '../../common/weightFile';
import type { FoundFile } from '../formatReader';
import { warnOfGlobals } from '../pickle/namedGlobals';
import { objectsOf } from '../pickle/numpyPickle';
import type { Pickle } from '../pickle/readPickle';
import { torchTensor, type TorchStorage } from '../pickle/torchPickle';
import { walkPickle, type PickleOwner } from '../pickle/walkPickle';

/** Names all tensors of what PyTorch pickled: a state dictionary, a checkpoint of several, or a whole module. */
export function torchFile(
  pickle: Pickle,
  producer: JsonObject,
  storageOf: (key: string) => TorchStorage | null,
  isBigEndian: boolean,
): FoundFile {
  const graph = new Map<string, WeightGraphNode>();
  const toTensor = (value: Parameters<typeof torchTensor>[0], name: string, owner: PickleOwner) => {
    const tensor = torchTensor(value, name, owner, storageOf, isBigEndian);
    if (tensor && owner.className) addNode(graph, owner, name);
    return tensor;
  };
  const transient: string[] = [];
  const onTransient = (name: string): number => transient.push(name);
  const tensors = walkPickle(pickle.value, { joiner: '.', rootName: 'tensor', toTensor, inside: objectsOf, onTransient });
  const warnings = warnOfGlobals(pickle.globals);
  if (transient.length)
    warnings.push(
      `buffers that are no part of the module's state are left out: ${transient.slice(0, 8).join(', ')}${transient.length > 8 ? ', …' : ''}`,
    );
  if (pickle.globals.has('torch._utils._rebuild_qtensor'))
    warnings.push('quantised tensors are shown as the whole numbers stored, without their scale and zero point');
  if (tensors.length === 0) warnings.push('the file holds no tensor');
  return { format: 'pytorch', producer, convention: 'torch', tensors, graph: [...graph.values()], warnings };
}

/** The module that owns a tensor; which modules feed it, a pickle does not say. */
function addNode(graph: Map<string, WeightGraphNode>, owner: PickleOwner, tensor: string): void {
  const node = graph.get(owner.name) ?? { name: owner.name, op: owner.className.replace(/^.*\./, ''), inputs: [], tensors: [] };
  node.tensors.push(tensor);
  graph.set(owner.name, node);
}
