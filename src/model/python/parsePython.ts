import type { SourceRange } from '../../common/modelSpec';
import type { Statement } from './ast';
import { LineMap } from './lineMap';
import { StatementBuilder } from './statementBuilder';
import { topLevelChunks } from './topLevelChunks';
import { parseSyntax, type SyntaxNode } from './syntaxTree';

export interface ParsedPython {
  body: Statement[];
  /** Where the text is not Python; what stands there was left out. */
  errors: SourceRange[];
}

/** A text of Python: a whole file, or one cell of a notebook. */
export interface PythonPart {
  text: string;
  /** Zero-based cell of a notebook. */
  cell?: number;
}

/** Reads the parts of a program one after the other, so that an error in one cell leaves the others whole. */
export async function parseParts(parts: readonly PythonPart[]): Promise<ParsedPython> {
  const program: ParsedPython = { body: [], errors: [] };
  for (const part of parts) {
    const { body, errors } = await parsePython(part.text, part.cell);
    program.body.push(...body);
    program.errors.push(...errors);
  }
  return program;
}

/**
 * Reads a text as Python 2 or 3. Never fails on its content: what can't be parsed is left out and listed.
 * @param file path that ranges name, of a file that another one imports
 */
export async function parsePython(text: string, cell?: number, file?: string): Promise<ParsedPython> {
  const whole = await parseText(text, cell, file);
  return whole.errors.length === 0 ? whole : parseChunks(text, cell, file);
}

/** How many statements may be joined to mend one that looked broken because its lines begin at the margin. */
const MAX_JOINED = 12;
const MAX_CHUNKS = 3000;

/** Reads a text with errors statement by statement, so that each error costs no more than the statement it stands in. */
async function parseChunks(text: string, cell?: number, file?: string): Promise<ParsedPython> {
  const chunks = topLevelChunks(text);
  if (chunks.length > MAX_CHUNKS) return parseText(text, cell, file);
  const result: ParsedPython = { body: [], errors: [] };
  const read = (from: number, to: number) => {
    const lines = chunks.slice(from, to).map((c) => c.text);
    // Empty lines before it keep its ranges right.
    return parseText('\n'.repeat(chunks[from].startLine) + lines.join('\n'), cell, file);
  };
  for (let i = 0; i < chunks.length;) {
    let part = await read(i, i + 1);
    let used = 1;
    for (let n = 2; part.errors.length > 0 && n <= MAX_JOINED && i + n <= chunks.length; n++) {
      const joined = await read(i, i + n);
      if (joined.errors.length > 0) continue;
      part = joined;
      used = n;
    }
    result.body.push(...part.body);
    result.errors.push(...part.errors);
    i += used;
  }
  return result;
}

async function parseText(text: string, cell?: number, file?: string): Promise<ParsedPython> {
  const lines = new LineMap(text, cell, file);
  try {
    return await build(text, lines);
  } catch (error) {
    // Nested deeper than the stack reaches.
    if (!(error instanceof RangeError)) throw error;
    return { body: [], errors: [lines.range(0, text.length)] };
  }
}

async function build(text: string, lines: LineMap): Promise<ParsedPython> {
  const root = await parseSyntax(text);
  const errors: SourceRange[] = [];
  collectErrors(root, (n) => errors.push(lines.range(n.start, n.end)));
  return { body: new StatementBuilder(text, lines).block(root), errors };
}

function collectErrors(node: SyntaxNode, report: (node: SyntaxNode) => void): void {
  if (node.type === 'ERROR' || node.isMissing) report(node);
  else for (const child of node.children) collectErrors(child, report);
}
