/** A run of whole lines. */
export interface Chunk {
  /** Zero-based. */
  startLine: number;
  text: string;
}

const CONTINUES = /^(?:else|elif|except|finally)\b/;
const STATEMENT = /^[A-Za-z_@]/;

/** Cuts a text into its top-level statements by their lines alone, so that a bracket left open in one does not swallow the others. */
export function topLevelChunks(text: string): Chunk[] {
  const lines = text.split('\n');
  const chunks: Chunk[] = [];
  let quote: string | null = null;
  let start = 0;
  let isDecorated = false;
  lines.forEach((line, i) => {
    const isFresh = quote === null && STATEMENT.test(line) && !CONTINUES.test(line) && !isDecorated;
    if (isFresh && i > start) {
      chunks.push({ startLine: start, text: lines.slice(start, i).join('\n') });
      start = i;
    }
    if (quote === null && line.trim() !== '' && !/^\s/.test(line)) isDecorated = line.startsWith('@');
    quote = quoteAfter(line, quote);
  });
  chunks.push({ startLine: start, text: lines.slice(start).join('\n') });
  return chunks;
}

/** The triple quote that is open after a line, if one is. */
export function quoteAfter(line: string, open: string | null): string | null {
  let quote = open;
  for (let i = 0; i < line.length; i++) {
    const three = line.slice(i, i + 3);
    if (quote !== null) {
      if (line[i] === '\\') i++;
      else if (three === quote) {
        quote = null;
        i += 2;
      }
    } else if (three === '"""' || three === "'''") {
      quote = three;
      i += 2;
    } else if (line[i] === '#') return null;
    else if (line[i] === '"' || line[i] === "'") {
      const end = closing(line, i);
      if (end < 0) return null;
      i = end;
    }
  }
  return quote;
}

/** Where a short text that begins at `start` ends; -1 when it does not end on this line. */
function closing(line: string, start: number): number {
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === line[start]) return i;
  }
  return -1;
}
