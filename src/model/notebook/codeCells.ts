import type { JsonValue } from '../../common/json';
import { isObject, parseJson } from '../json';
import { maskMagics } from './maskMagics';

/** The Python of one notebook cell. */
export interface CodeCell {
  /** Zero-based, counting text cells as well. */
  cell: number;
  text: string;
}

/**
 * The code cells of a Jupyter notebook (format 3 or 4), with IPython's own syntax taken out.
 * @throws Error when the text is not a notebook
 */
export function codeCells(text: string): CodeCell[] {
  const notebook = parseJson(text);
  if (!isObject(notebook)) throw new Error('it is not a notebook: there is no JSON object in it');
  // Format 3 kept its cells in worksheets, and their text under another name.
  const sheet = Array.isArray(notebook.worksheets) ? notebook.worksheets[0] : notebook;
  const cells = isObject(sheet) ? sheet.cells : undefined;
  if (!Array.isArray(cells)) throw new Error('it is not a notebook: it has no list of cells');
  return cells.flatMap((cell, i): CodeCell[] => {
    if (!isObject(cell) || cell.cell_type !== 'code') return [];
    return [{ cell: i, text: maskMagics(sourceOf(cell.source ?? cell.input)) }];
  });
}

/** The language a notebook says it is written in, in lower case; null when it does not say. */
export function notebookLanguage(text: string): string | null {
  const notebook = parseJson(text);
  const metadata = isObject(notebook) && isObject(notebook.metadata) ? notebook.metadata : {};
  const info = [metadata.language_info, metadata.kernelspec].find(isObject);
  const name = info?.name ?? info?.language;
  return typeof name === 'string' ? name.toLowerCase() : null;
}

function sourceOf(source: JsonValue | undefined): string {
  if (typeof source === 'string') return source;
  // Every line brings its own line end.
  return Array.isArray(source) ? source.map((line) => (typeof line === 'string' ? line : '')).join('') : '';
}
