import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { LineMap } from '../../../../src/model/python/lineMap';
import { parsePython } from '../../../../src/model/python/parsePython';
import { RecentTexts } from '../../../../src/model/python/recentTexts';
import { StatementBuilder } from '../../../../src/model/python/statementBuilder';
import { parseSyntax } from '../../../../src/model/python/syntaxTree';

const fixture = (name: string): string => fs.readFileSync(path.join(__dirname, '../keras/fixtures', name), 'utf8');

/** The statements of a text that is parsed in one go. */
async function whole(text: string): Promise<unknown> {
  return new StatementBuilder(text, new LineMap(text)).block(await parseSyntax(text));
}

describe('Parsing long Python files', () => {
  for (const name of ['models.py', 'layers.py'])
    it(`gives the same statements at the same places as parsing ${name} in one go`, async () => {
      const text = fixture(name);
      const parsed = await parsePython(text);
      assert.deepEqual(parsed, { body: await whole(text), errors: [] });
      // Typing above moves everything; what was parsed before must not keep its old lines.
      const moved = `# one line more\n${text}`;
      assert.deepEqual((await parsePython(moved)).body, await whole(moved));
    });

  it('reads texts with lines at the margin in brackets and quotes as they are meant', async () => {
    const odd = `values = [\none,\ntwo,\n]\ntext = """\ndef not_a_function(:\n"""\nif values:\n    a = 1\nelse:\n    a = 2\nsum = 1 + \\\nvalues\n`;
    const text = odd + '# '.padEnd(5000, 'x');
    const parsed = await parsePython(text);
    assert.deepEqual(parsed, { body: await whole(text), errors: [] });
  });

  it('says where the one broken statement of a long file is, and keeps the others', async () => {
    const good = Array.from({ length: 300 }, (_, i) => `value_${i} = ${i} + 1`);
    const { body, errors } = await parsePython([...good.slice(0, 150), 'broken = (1,', ...good.slice(150)].join('\n'));
    assert.equal(errors[0].startLine, 150);
    // An open bracket swallows the statements that could belong to it.
    assert.ok(body.length >= 300, `${body.length} statements`);
    const last = body[body.length - 1];
    assert.equal(last.range.startLine, 300);
  });
});

describe('RecentTexts', () => {
  it('keeps what was asked for last within its size', () => {
    const texts = new RecentTexts<number>(10);
    texts.set('aaaa', 1);
    texts.set('bbbb', 2);
    assert.equal(texts.get('aaaa'), 1);
    texts.set('cccc', 3);
    assert.deepEqual(
      ['aaaa', 'bbbb', 'cccc'].map((t) => texts.get(t)),
      [1, undefined, 3],
    );
    // One text alone may be larger than everything.
    texts.set('d'.repeat(20), 4);
    assert.deepEqual([texts.get('cccc'), texts.get('d'.repeat(20))], [undefined, 4]);
  });
});
