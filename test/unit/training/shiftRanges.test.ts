import assert from 'node:assert/strict';
import type { SourceRange } from '../../../src/common/modelSpec';
import { shiftRange, type TextEdit } from '../../../src/training/shiftRanges';

/** The text a range covers. */
function textAt(text: string, r: SourceRange): string {
  const lines = text.split('\n');
  const at = (line: number, column: number) => lines.slice(0, line).reduce((n, l) => n + l.length + 1, 0) + column;
  return text.slice(at(r.startLine, r.startColumn), at(r.endLine, r.endColumn));
}

function apply(text: string, e: TextEdit): string {
  const lines = text.split('\n');
  const at = (line: number, column: number) => lines.slice(0, line).reduce((n, l) => n + l.length + 1, 0) + column;
  return text.slice(0, at(e.startLine, e.startColumn)) + e.text + text.slice(at(e.endLine, e.endColumn));
}

const text = 'a = 1\nm.add(Conv2D(8, 3))\nm.add(Flatten())\n';
const conv: SourceRange = { startLine: 1, startColumn: 6, endLine: 1, endColumn: 18 };
const edit = (startLine: number, startColumn: number, endLine: number, endColumn: number, inserted: string): TextEdit => ({
  startLine,
  startColumn,
  endLine,
  endColumn,
  text: inserted,
});

describe('shiftRange', () => {
  const cases: [string, TextEdit, string][] = [
    ['a line inserted above', edit(0, 0, 0, 0, 'import x\n'), 'Conv2D(8, 3)'],
    ['lines removed above', edit(0, 0, 1, 0, ''), 'Conv2D(8, 3)'],
    ['text before it on its line', edit(1, 0, 1, 1, 'model\\\n  '), 'Conv2D(8, 3)'],
    ['text typed right before it', edit(1, 6, 1, 6, 'L.'), 'Conv2D(8, 3)'],
    ['a number changed inside', edit(1, 13, 1, 14, '3200'), 'Conv2D(3200, 3)'],
    ['a line break inside', edit(1, 15, 1, 15, '\n'), 'Conv2D(8,\n 3)'],
    ['text behind it on its line', edit(1, 19, 1, 19, '  # first'), 'Conv2D(8, 3)'],
    ['lines inserted below', edit(2, 0, 2, 0, 'x\ny\n'), 'Conv2D(8, 3)'],
  ];
  for (const [name, e, expected] of cases) {
    it(`follows ${name}`, () => assert.equal(textAt(apply(text, e), shiftRange(conv, e)), expected));
  }

  it('becomes empty, not inside out, when its text is deleted', () => {
    const r = shiftRange(conv, edit(0, 0, 2, 0, ''));
    assert.deepEqual(r, { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 });
  });
});
