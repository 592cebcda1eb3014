import type { ParserPlugin } from '@babel/parser';
import type { Program } from '@babel/types';
import type { SourceRange } from '../../common/modelSpec';

/** One script of a file: a whole JavaScript or TypeScript file, or a `<script>` of a page. */
export interface ParsedScript {
  program: Program;
  text: string;
  /** Where the text is no JavaScript; what stands there was left out. */
  errors: SourceRange[];
}

/** A place of Babel's syntax tree: lines count from 1. */
interface Place {
  filename?: string;
  start: { line: number; column: number };
  end: { line: number; column: number };
  /** The same as a range, once it was asked for. */
  range?: SourceRange;
}

/** Minified or of a size that nobody writes by hand: parsing it would take a second. */
export function isBundle(text: string, from = 15_000): boolean {
  return text.length > 800_000 || (text.length > from && text.length / text.split('\n').length > 400);
}

/** The range of a node; columns count UTF-16 units, as everywhere. */
export function rangeOf(node: { loc?: Place | null }): SourceRange {
  const { loc } = node;
  if (!loc) return { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };
  // Asked for whenever a call is followed, in loops again and again.
  return (loc.range ??= {
    startLine: loc.start.line - 1,
    startColumn: loc.start.column,
    endLine: loc.end.line - 1,
    endColumn: loc.end.column,
    ...(loc.filename && { file: loc.filename }),
  });
}

/**
 * Parses JavaScript or TypeScript. Never fails on its content: what can't be parsed at all gives an empty program and an error.
 * @param file path that ranges name, of a file that another one imports
 */
export async function parseScript(text: string, path: string, file?: string): Promise<ParsedScript> {
  // Loaded only when a script is read.
  const { parse } = await import('@babel/parser');
  const isTypescript = /\.[mc]?tsx?$/i.test(path);
  const jsx: ParserPlugin[] = /\.[mc]?ts$/i.test(path) ? [] : ['jsx'];
  const attempts: ParserPlugin[][] = isTypescript
    ? [['typescript', 'decorators-legacy', ...jsx]]
    : [[...jsx, 'decorators-legacy'], ['flow'], ['typescript']];
  let failure: unknown = null;
  for (const plugins of attempts) {
    try {
      const result = parse(text, {
        sourceType: 'unambiguous',
        errorRecovery: true,
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowImportExportEverywhere: true,
        allowUndeclaredExports: true,
        sourceFilename: file,
        plugins,
      });
      const errors = (result.errors ?? []).map((e) => at((e as { loc?: { line: number; column: number } }).loc, file));
      return { program: result.program, text, errors };
    } catch (error) {
      failure ??= error;
    }
  }
  const empty = parse('', {}).program;
  return { program: empty, text, errors: [at((failure as { loc?: { line: number; column: number } } | null)?.loc, file)] };
}

function at(loc: { line: number; column: number } | undefined, file: string | undefined): SourceRange {
  const line = (loc?.line ?? 1) - 1;
  const column = loc?.column ?? 0;
  const range = { startLine: line, startColumn: column, endLine: line, endColumn: column + 1 };
  return file === undefined ? range : { ...range, file };
}
