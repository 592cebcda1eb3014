import type { SourceRange } from '../../common/modelSpec';
import type { Statement } from './ast';
import { LineMap } from './lineMap';
import { StatementBuilder } from './statementBuilder';
import { RecentTexts } from './recentTexts';
import { topLevelChunks, type Chunk } from './topLevelChunks';
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
  const chunks = topLevelChunks(text);
  // A long file is read statement by statement, so that typing in one of them costs no more than that one.
  if (text.length > LONG && chunks.length <= MAX_CHUNKS) return parseChunks(chunks, cell, file);
  const whole = await parseText({ startLine: 0, text }, cell, file);
  return whole.errors.length === 0 ? whole : parseChunks(chunks, cell, file);
}

/** Characters from which on a text is read in parts. */
const LONG = 4000;

/** How many statements are joined to mend one that looked broken because its lines begin at the margin. */
const JOINED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 24, 48, 96];
const MAX_CHUNKS = 3000;

/** Reads a text statement by statement, so that each error costs no more than the statement it stands in. */
async function parseChunks(chunks: readonly Chunk[], cell?: number, file?: string): Promise<ParsedPython> {
  const result: ParsedPython = { body: [], errors: [] };
  const read = (from: number, to: number) => parseText(joined(chunks.slice(from, to)), cell, file);
  if (chunks.length > MAX_CHUNKS) return read(0, chunks.length);
  for (let i = 0; i < chunks.length;) {
    let part = await read(i, i + 1);
    let used = 1;
    for (const n of JOINED) {
      if (part.errors.length === 0 || i + n > chunks.length) break;
      const longer = await read(i, i + n);
      if (longer.errors.length > 0) continue;
      part = longer;
      used = n;
    }
    result.body.push(...part.body);
    result.errors.push(...part.errors);
    i += used;
  }
  return result;
}

function joined(chunks: readonly Chunk[]): Chunk {
  return { startLine: chunks[0].startLine, text: chunks.map((c) => c.text).join('\n') };
}

/** What was parsed, by place and text: while somebody types, all but one statement or cell stays as it was. Syntax trees are never changed. */
const parsed = new RecentTexts<ParsedPython>(800_000);

async function parseText(chunk: Chunk, cell?: number, file?: string): Promise<ParsedPython> {
  const key = `${file ?? ''}\n${cell ?? ''}\n${chunk.startLine}\n${chunk.text}`;
  const known = parsed.get(key);
  if (known) return known;
  const result = await parseAfresh(chunk, cell, file);
  parsed.set(key, result);
  return result;
}

async function parseAfresh({ text, startLine }: Chunk, cell?: number, file?: string): Promise<ParsedPython> {
  const lines = new LineMap(text, cell, file, startLine);
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
