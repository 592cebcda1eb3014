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
  start: { line: number; column: number };
  end: { line: number; column: number };
}

/** The range of a node; columns count UTF-16 units, as everywhere. */
export function rangeOf(node: { loc?: Place | null }): SourceRange {
  const { loc } = node;
  if (!loc) return { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };
  return { startLine: loc.start.line - 1, startColumn: loc.start.column, endLine: loc.end.line - 1, endColumn: loc.end.column };
}

/** Parses JavaScript or TypeScript. Never fails on its content: what can't be parsed at all gives an empty program and an error. */
export async function parseScript(text: string, path: string): Promise<ParsedScript> {
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
      const file = parse(text, {
        sourceType: 'unambiguous',
        errorRecovery: true,
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowImportExportEverywhere: true,
        allowUndeclaredExports: true,
        plugins,
      });
      const errors = (file.errors ?? []).map((e) => at((e as { loc?: { line: number; column: number } }).loc));
      return { program: file.program, text, errors };
    } catch (error) {
      failure ??= error;
    }
  }
  const empty = parse('', {}).program;
  return { program: empty, text, errors: [at((failure as { loc?: { line: number; column: number } } | null)?.loc)] };
}

function at(loc: { line: number; column: number } | undefined): SourceRange {
  const line = (loc?.line ?? 1) - 1;
  const column = loc?.column ?? 0;
  return { startLine: line, startColumn: column, endLine: line, endColumn: column + 1 };
}
