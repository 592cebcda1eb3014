import type { JsonValue } from '../../common/json';
import { isObject } from '../json';

/** One tensor that goes into a layer: whose, of which of its uses, which of its outputs. */
export interface TensorReference {
  layer: string;
  node: number;
  tensor: number;
}

/** The uses of a layer, each with the tensors that go in. Keras 1 and 2 write nested arrays, Keras 3 objects with a history. */
export function inboundNodes(json: JsonValue | undefined): TensorReference[][] {
  if (!Array.isArray(json)) return [];
  return json.map((node) => {
    const found: TensorReference[] = [];
    collect(node, found, 0);
    return found;
  });
}

/** One reference such as `["conv", 0, 0]`; null when it is something else. */
export function tensorReference(json: JsonValue | undefined): TensorReference | null {
  if (!Array.isArray(json) || typeof json[0] !== 'string' || typeof json[1] !== 'number' || typeof json[2] !== 'number') return null;
  return { layer: json[0], node: json[1], tensor: json[2] };
}

/** References of a list, or the one that stands there by itself. */
export function tensorReferences(json: JsonValue | undefined): TensorReference[] {
  const found: TensorReference[] = [];
  collect(json ?? null, found, 0);
  return found;
}

function collect(json: JsonValue, found: TensorReference[], depth: number): void {
  // Arguments may be nested, but never as deep as this.
  if (depth > 8) return;
  const reference = tensorReference(json);
  if (reference) {
    found.push(reference);
    // What follows are further arguments; tensors among them are inputs as well.
    const [, , , keywords] = json as JsonValue[];
    if (isObject(keywords)) collect(Object.values(keywords), found, depth + 1);
  } else if (Array.isArray(json)) for (const item of json) collect(item, found, depth + 1);
  else if (isObject(json)) {
    const history = isObject(json.config) ? json.config.keras_history : undefined;
    if (history !== undefined) collect(history, found, depth + 1);
    else for (const key of ['args', 'kwargs']) if (json[key] !== undefined) collect(json[key], found, depth + 1);
    if (json.args === undefined && json.kwargs === undefined && history === undefined) {
      for (const value of Object.values(json)) collect(value, found, depth + 1);
    }
  }
}
