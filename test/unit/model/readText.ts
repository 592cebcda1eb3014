import * as assert from 'node:assert/strict';
import type { ModelSource, ModelSpec, Note, SourceRange } from '../../../src/common/modelSpec';
import { readModelSource, type ReadOptions } from '../../../src/model/readModelSource';

/** Reads a text as a Python file. */
export function readPython(text: string, options?: ReadOptions): Promise<ModelSource> {
  return readModelSource({ path: 'model.py', text }, options);
}

/** The one model of a Python text. */
export async function onlyModel(text: string, options?: ReadOptions): Promise<ModelSpec> {
  const source = await readPython(text, options);
  assert.equal(source.models.length, 1, `one model expected; notes: ${JSON.stringify(source.notes)}`);
  return source.models[0];
}

/** `Conv2D [null,26,26,32] 320`, a line per layer, input layers left out. */
export function summary(model: ModelSpec): string[] {
  return model.layers.filter((l) => l.className !== 'InputLayer').map((l) => `${l.className} ${JSON.stringify(l.outputShape)} ${l.params}`);
}

export function allNotes(source: ModelSource): Note[] {
  return [...source.notes, ...source.models.flatMap((m) => m.notes)];
}

/** What stands at a range of a text, which must lie on one line. */
export function textAt(text: string, range: SourceRange): string {
  assert.equal(range.startLine, range.endLine);
  return text.split('\n')[range.startLine].slice(range.startColumn, range.endColumn);
}
