import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { readKeras } from './keras/readKeras';
import { parseParts, type PythonPart } from './python/parsePython';
import { isPytorch, readParsedPytorch } from './pytorch/readPytorch';

const KERAS = /^[ \t]*(?:import|from)[ \t]+(?:keras|tensorflow|tf_keras)\b|\btf\.keras\b/m;

/** Reads the models of a Python program, given whole or as the cells of a notebook, with the front end of the framework it imports. */
export async function readPython(parts: readonly PythonPart[], assumptions: Readonly<Record<string, JsonValue>>): Promise<ModelSource> {
  const text = parts.map((p) => p.text).join('\n');
  const program = await parseParts(parts);
  if (!isPytorch(text)) return readKeras(program, text, assumptions);
  const source = await readParsedPytorch(program, text, assumptions);
  // Some programs import both; what they build decides.
  if (source.models.length > 0 || !KERAS.test(text)) return source;
  const other = readKeras(program, text, assumptions);
  return other.models.length > 0 ? other : source;
}
