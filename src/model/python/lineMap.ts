import type { SourceRange } from '../../common/modelSpec';

/** Turns UTF-16 offsets of a text into zero-based lines and columns. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(
    text: string,
    /** Notebook cell that the text is; undefined for a file. */
    private readonly cell?: number,
    /** Path of the text when it is not the file that was asked for. */
    private readonly file?: string,
    /** Line of the whole text at which this part of it begins. */
    private readonly firstLine = 0,
  ) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.starts.push(i + 1);
  }

  /** Zero-based line of this text that holds `offset`. */
  private lineOf(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  range(start: number, end: number): SourceRange {
    const startLine = this.lineOf(start);
    const endLine = this.lineOf(end);
    const range = {
      startLine: startLine + this.firstLine,
      startColumn: start - this.starts[startLine],
      endLine: endLine + this.firstLine,
      endColumn: end - this.starts[endLine],
    };
    if (this.file !== undefined) return { ...range, file: this.file };
    return this.cell === undefined ? range : { ...range, cell: this.cell };
  }
}
