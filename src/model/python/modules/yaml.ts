import { parseDocument } from 'yaml';
import type { JsonValue } from '../../../common/json';

/**
 * The settings in a YAML text, read as version 1.1, which PyYAML follows: `yes` and `on` are true there. Only `1e-3`, a text for PyYAML, is
 * the number that was meant.
 * @throws Error when it is not valid, has tags of Python's, holds several documents, or swells through its anchors
 */
export function parseYaml(text: string): JsonValue {
  const document = parseDocument(text, { version: '1.1', merge: true, logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw problem;
  // Dates, sets and other objects become what JSON has for them.
  return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null)) as JsonValue;
}
