import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { readKeras } from './keras/readKeras';

export interface ReadOptions {
  /** Values that the person supplied for what the file does not say, by the key its note names. */
  assumptions?: Record<string, JsonValue>;
}

const NO_RANGE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/**
 * Reads every model that a file defines, told apart by its ending and content: Keras Python (.py).
 * Nothing in the file is ever run. Never rejects because of what the text holds: what can't be read is in `notes`.
 */
export async function readModelSource(input: { path: string; text: string }, options: ReadOptions = {}): Promise<ModelSource> {
  const text = input.text.replace(/^\uFEFF/, ' ');
  try {
    if (/\.pyw?$/i.test(input.path)) return await readKeras(text, options.assumptions ?? {});
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      dialect: null,
      models: [],
      notes: [{ severity: 'error', code: 'reader-failed', message: `The file could not be read: ${message}.`, range: NO_RANGE }],
    };
  }
  return { dialect: null, models: [], notes: [] };
}
