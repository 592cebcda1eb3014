import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openWeights } from '../../../src/weights/openWeights';

interface Unit {
  file: string;
  format: string;
  tensors: { name: string; dtype: string; shape: number[]; sha256: string }[];
  unreadable?: string[];
  layouts?: Record<string, string>;
}

const folder = path.resolve('test/fixtures/weights');
const units = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Unit[];

/** Fixtures and what the formats' own libraries say of them: see generate.py. */
describe('weight files of all formats', () => {
  for (const unit of units) {
    it(`reads ${unit.file} as its own library does`, async () => {
      const reader = await openWeights(path.join(folder, unit.file));
      try {
        assert.equal(reader.info.format, unit.format);
        const readable = reader.info.tensors.filter((t) => t.unreadable === null);
        const found = [];
        for (const t of readable) found.push({ name: t.name, dtype: t.dtype, shape: t.shape, sha256: await reader.sha256(t.name) });
        const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        assert.deepEqual(found.sort(byName), unit.tensors.sort(byName));
        const unreadable = reader.info.tensors.filter((t) => t.unreadable !== null).map((t) => t.name);
        assert.deepEqual(unreadable, unit.unreadable ?? []);
        for (const [name, layout] of Object.entries(unit.layouts ?? {})) {
          assert.equal(reader.tensor(name).layout, layout);
          assert.equal(reader.tensor(name).role, 'conv kernel');
          assert.ok(reader.tensor(name).layoutReason);
        }
      } finally {
        reader.close();
      }
    });
  }
});
