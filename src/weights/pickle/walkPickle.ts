import type { FoundTensor } from '../formatReader';
import { WeightError } from '../weightError';
import { itemsOf, PickleDict, PickleList, PickleObject, PickleTuple, type PickleValue } from './pickleValue';

/** Containers looked at; a shared one counts each time it is met. */
const MAX_PLACES = 500_000;
const MAX_DEPTH = 400;

/** Attributes of torch.nn.Module that hold tensors and modules and have no part in a tensor's name. */
const MODULE_ATTRIBUTES = new Set(['_parameters', '_buffers', '_modules']);

export interface PickleOwner {
  /** `module.name` of its class; empty at the top. */
  className: string;
  name: string;
}

export interface WalkOptions {
  /** Between the parts of a name. */
  joiner: string;
  /**
   * A tensor, or null when the value is none; what is inside it is not looked at then.
   * @param owner The nearest object around it, and the name that one has.
   */
  toTensor(value: PickleObject, name: string, owner: PickleOwner): Omit<FoundTensor, 'name'> | null;
  /** The content of a value that is no container by itself, such as an array of objects. */
  inside?(value: PickleObject): PickleValue | undefined;
  /** Name of the whole thing if it is a tensor itself. */
  rootName: string;
  /** Told the name of each buffer that a module does not count as its state. */
  onTransient?(name: string): void;
}

/**
 * Finds every tensor in a pickled value and names it by its path.
 * @throws WeightError when the value is deeper or larger than any model.
 */
export function walkPickle(root: PickleValue, options: WalkOptions): FoundTensor[] {
  const found: FoundTensor[] = [];
  const above = new Set<PickleValue>();
  let places = 0;

  const visit = (value: PickleValue | undefined, path: string, owner: PickleOwner): void => {
    const isContainer =
      value instanceof PickleObject || value instanceof PickleDict || value instanceof PickleList || value instanceof PickleTuple;
    if (!isContainer || above.has(value)) return;
    if (++places > MAX_PLACES)
      throw new WeightError(`the pickle's values are nested into more than ${MAX_PLACES} places`, 'give a weight file');
    if (above.size > MAX_DEPTH) throw new WeightError(`the pickle's values are nested more than ${MAX_DEPTH} deep`, 'give a weight file');
    if (value instanceof PickleObject) {
      const tensor = options.toTensor(value, path || options.rootName, owner);
      if (tensor) return void found.push({ name: path || options.rootName, ...tensor });
    }
    above.add(value);
    if (value instanceof PickleDict) visitDict(value, path, owner);
    else if (value instanceof PickleObject) visitObject(value, path);
    else value.items.forEach((item, i) => visit(item, join(path, String(i)), owner));
    above.delete(value);
  };

  const visitDict = (dict: PickleDict, path: string, owner: PickleOwner): void => {
    const transient = itemsOf(dict.get('_non_persistent_buffers_set'));
    for (const [key, value] of dict.entries) {
      // Recurrent modules list their parameters once more.
      if (key === '_flat_weights' && dict.get('_parameters') instanceof PickleDict) continue;
      if (key === '_buffers' && transient.length > 0 && value instanceof PickleDict) {
        visitDict(without(value, transient, path), path, owner);
        continue;
      }
      const isPlain = typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint';
      const part = isPlain ? String(key) : key instanceof PickleTuple ? key.items.map(String).join(',') : null;
      if (part === null) continue;
      visit(value, MODULE_ATTRIBUTES.has(part) && value instanceof PickleDict ? path : join(path, part), owner);
    }
  };

  const without = (buffers: PickleDict, transient: readonly PickleValue[], path: string): PickleDict => {
    const kept = new PickleDict();
    for (const [name, value] of buffers.entries) {
      if (transient.includes(name)) options.onTransient?.(join(path, String(name)));
      else kept.entries.set(name, value);
    }
    return kept;
  };

  const visitObject = (object: PickleObject, path: string): void => {
    const owner = { className: object.path, name: path };
    const inside = options.inside?.(object);
    if (inside !== undefined) return visit(inside, path, owner);
    visit(object.state, path, owner);
    if (object.dict) visit(object.dict, path, owner);
    if (object.list) visit(object.list, path, owner);
  };

  const join = (path: string, part: string): string => (path ? path + options.joiner + part : part);

  visit(root, '', { className: '', name: '' });
  return found;
}
