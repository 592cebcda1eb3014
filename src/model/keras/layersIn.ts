import type { Value } from '../python/value';
import { Layer } from './layer';

/** The layer that a value is: one of Keras's, or an object of a class of the file that derives from one. */
export function layerOf(value: Value): Layer | null {
  const object = value.kind === 'host' ? value.object : value.kind === 'instance' ? value.host : null;
  return object instanceof Layer ? object : null;
}

/** All layers in values, in lists and dicts of them too, each once. */
export function layersIn(values: Iterable<Value>): Layer[] {
  const found = new Set<Layer>();
  const visit = (value: Value, depth: number): void => {
    const layer = layerOf(value);
    if (layer) found.add(layer);
    else if (depth < 4 && (value.kind === 'list' || value.kind === 'tuple')) for (const v of value.items) visit(v, depth + 1);
    else if (depth < 4 && value.kind === 'dict') for (const e of value.entries.values()) visit(e.value, depth + 1);
  };
  for (const value of values) visit(value, 0);
  return [...found];
}
