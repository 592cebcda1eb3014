import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { codeCells, notebookLanguage } from './notebook/codeCells';
import type { SourceFiles } from './imports/sourceFiles';
import { readPython, type ProgramPlace } from './readPython';
import { readTfjs } from './tfjs/readTfjs';
import { readTopology } from './topology/readTopology';

export interface ReadOptions {
  /** Values that the person supplied for what the file does not say, by the key its note names. */
  assumptions?: Record<string, JsonValue>;
  /** The files around it, for what it imports; without them, imports stay unknown. */
  files?: SourceFiles | null;
}

const NO_RANGE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/**
 * Reads every model that a file defines, told apart by its ending and content: Keras Python (.py), notebooks (.ipynb) topology JSON (.json) and
 * TensorFlow.js programs (.js, .ts, .html).
 * Nothing in the file is ever run. Never rejects because of what the text holds: what can't be read is in `notes`.
 */
export async function readModelSource(input: { path: string; text: string }, options: ReadOptions = {}): Promise<ModelSource> {
  try {
    const place = { path: input.path.replaceAll('\\', '/'), files: options.files ?? null };
    return await read(place, input.text, options.assumptions ?? {});
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failed('reader-failed', `The file could not be read: ${message}.`);
  }
}

async function read(place: ProgramPlace, text: string, assumptions: Record<string, JsonValue>): Promise<ModelSource> {
  const { path } = place;
  // The mark keeps its place as a space, so that columns stay right.
  if (/\.pyw?$/i.test(path)) return readPython([{ text: text.replace(/^\uFEFF/, ' ') }], assumptions, place);
  if (/\.ipynb$/i.test(path)) {
    const language = notebookLanguage(text);
    if (language !== null && !/python/.test(language)) {
      return failed('other-language', `The notebook is written in ${language}; only Python notebooks are read.`);
    }
    return readPython(codeCells(text), assumptions, place);
  }
  if (/\.json$/i.test(path)) return readTopology(text);
  if (/\.(?:[mc]?[jt]s|[jt]sx|html?)$/i.test(path)) return readTfjs(place, text.replace(/^\uFEFF/, ' '), assumptions);
  return { dialect: null, models: [], notes: [] };
}

function failed(code: string, message: string): ModelSource {
  return { dialect: null, models: [], notes: [{ severity: 'error', code, message, range: NO_RANGE }] };
}
