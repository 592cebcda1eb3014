import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { codeBooks } from '../../../src/weights/gguf/codeBooks';
import { tableBlocks } from '../../../src/weights/gguf/tableBlocks';

/** SHA-256 over the points as bytes, as the Python package gguf has them: see generate.py. */
const expected = JSON.parse(fs.readFileSync('test/fixtures/weights/gguf/codeBooks.json', 'utf8')) as Record<string, string>;

describe('code books of GGUF', () => {
  for (const [name, hash] of Object.entries(expected)) {
    it(`has every point of ${name}`, () => {
      const { points } = codeBooks[name.replace('_', '').toLowerCase() as keyof typeof codeBooks]();
      assert.equal(createHash('sha256').update(points).digest('hex'), hash);
    });
  }

  it('unpacks the two bits of Q2_0 in both lengths of its blocks', () => {
    for (const format of [tableBlocks.q2, tableBlocks.wideQ2]) {
      const block = new Uint8Array(format.bytes).fill(0b11100100);
      new DataView(block.buffer).setUint16(0, 0x4000, true); // 2.0
      const out = new Float32Array(format.values);
      format.unpack(new DataView(block.buffer), 0, out, 0);
      assert.deepEqual(
        [...out],
        Array.from({ length: format.values }, (_, i) => 2 * ((i % 4) - 1)),
      );
    }
  });
});
