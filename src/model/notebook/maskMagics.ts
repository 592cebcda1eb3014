import { quoteAfter } from '../python/topLevelChunks';

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
    // A program that a cell writes to a file is a program all the same.
    const isProgram = /^\s*%%writefile\s.*\.py\s*$/.test(lines[first]);
    if (!isProgram && !PYTHON_CELLS.has(cellMagic[1])) return lines.map(() => '').join('\n');
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
    quote = quoteAfter(line, quote);
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
