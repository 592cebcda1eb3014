import type { SourceRange } from '../../common/modelSpec';
import type { Statement } from './ast';
import { LineMap } from './lineMap';
import { StatementBuilder } from './statementBuilder';
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

/** Reads a text as Python 2 or 3. Never fails on its content: what can't be parsed is left out and listed. */
export async function parsePython(text: string, cell?: number): Promise<ParsedPython> {
  const lines = new LineMap(text, cell);
  const root = await parseSyntax(text);
  const errors: SourceRange[] = [];
  collectErrors(root, (n) => errors.push(lines.range(n.start, n.end)));
  return { body: new StatementBuilder(text, lines).block(root), errors };
}

function collectErrors(node: SyntaxNode, report: (node: SyntaxNode) => void): void {
  if (node.type === 'ERROR' || node.isMissing) report(node);
  else for (const child of node.children) collectErrors(child, report);
}
