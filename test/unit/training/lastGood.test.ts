import assert from 'node:assert/strict';
import type { ModelSource, Note } from '../../../src/common/modelSpec';
import { keepLastGood } from '../../../src/training/lastGood';
import { exampleSpec, line } from '../editor/exampleSpec';

const syntaxError: Note = { severity: 'error', code: 'syntax-error', message: 'x', range: line(4) };
const source = (changes: Partial<ModelSource>): ModelSource => ({ dialect: 'tf.keras', models: [exampleSpec()], notes: [], ...changes });

describe('keepLastGood', () => {
  it('keeps models that only a syntax error took away, with the fresh notes', () => {
    const { source: kept, isStale } = keepLastGood(source({}), source({ models: [], notes: [syntaxError] }));
    assert.equal(isStale, true);
    assert.equal(kept.models.length, 1);
    assert.deepEqual(kept.notes, [syntaxError]);
  });

  it('keeps layers that only a syntax error took away', () => {
    const fresh = source({ models: [exampleSpec({ layers: exampleSpec().layers.slice(0, 1), notes: [syntaxError] })] });
    assert.equal(keepLastGood(source({}), fresh).source.models[0].layers.length, 3);
  });

  it('believes a text without syntax errors, and a broken one that lost nothing', () => {
    assert.equal(keepLastGood(source({}), source({ models: [] })).source.models.length, 0);
    const fresh = source({ notes: [syntaxError] });
    assert.equal(keepLastGood(source({}), fresh).source, fresh);
    assert.equal(keepLastGood(null, fresh).source, fresh);
  });
});
