import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { readKeras } from './keras/readKeras';
import { parseParts, type PythonPart } from './python/parsePython';
import { isPytorch, readParsedPytorch } from './pytorch/readPytorch';

/** Reads the models of a Python program, given whole or as the cells of a notebook, with the front end of the framework it imports. */
export async function readPython(parts: readonly PythonPart[], assumptions: Readonly<Record<string, JsonValue>>): Promise<ModelSource> {
  const text = parts.map((p) => p.text).join('\n');
  const parsed = await parseParts(parts);
  if (!isPytorch(text)) return readKeras(parsed, text, assumptions);
  const source = readParsedPytorch(parsed, text, assumptions);
  // Some programs import both and build their models with the other one.
  return source.models.length === 0 && /\bkeras\b/.test(text) ? readKeras(parsed, text, assumptions) : source;
}
