import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { readKeras } from './keras/readKeras';
import { parseParts, type PythonPart } from './python/parsePython';

/** Reads the models of a Python program, given whole or as the cells of a notebook, with the front end of the framework it imports. */
export async function readPython(parts: readonly PythonPart[], assumptions: Readonly<Record<string, JsonValue>>): Promise<ModelSource> {
  const text = parts.map((p) => p.text).join('\n');
  return readKeras(await parseParts(parts), text, assumptions);
}
