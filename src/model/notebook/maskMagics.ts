/** Cell magics whose cell is still Python. */
const PYTHON_CELLS = new Set(['time', 'timeit', 'capture', 'prun', 'python', 'python3', 'tensorflow_version', 'matplotlib', 'skip']);

const COMMAND = /^(?:[%!]|\?)|^(?:pip3?|conda|apt-get|apt|wget|curl|git|ls|cd|mkdir|rm|cp|mv|unzip|nvidia-smi)\s+[\w./-][^=(]*$/;

/**
 * Takes IPython's own syntax out of a cell: magics, shell commands and help marks. Every line and column that is left stays where it was.
 */
export function maskMagics(text: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((l) => l.trim() !== '');
  const cellMagic = first < 0 ? null : /^\s*%%(\w+)/.exec(lines[first]);
  if (cellMagic) {
    if (!PYTHON_CELLS.has(cellMagic[1])) return lines.map(() => '').join('\n');
    lines[first] = '';
  }
  let quote: string | null = null;
  let isContinued = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (isContinued) {
      isContinued = /\\\s*$/.test(line);
      lines[i] = '';
      continue;
    }
    const wasText = quote !== null;
    quote = openQuote(line, quote);
    if (wasText) continue;
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const code = line.slice(indent.length);
    const captured = /^([\w.,\s]+=\s*)[%!]\s*\w/.exec(code);
    if (captured) lines[i] = `${indent}${captured[1]}...`;
    else if (COMMAND.test(code)) lines[i] = `${indent}pass`;
    else if (/^[\w.]+\?{1,2}\s*$/.test(code)) lines[i] = `${indent}pass`;
    else continue;
    isContinued = /\\\s*$/.test(line);
    quote = null;
  }
  return lines.join('\n');
}

/** The triple quote that is open after a line, if one is: what stands inside a long text is no command. */
function openQuote(line: string, open: string | null): string | null {
  let quote = open;
  for (let i = 0; i < line.length; i++) {
    const three = line.slice(i, i + 3);
    if (quote !== null) {
      if (three === quote) {
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
