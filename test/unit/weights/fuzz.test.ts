import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { fuzzWeights, loadFixtures } from './fuzzWeights';

describe('damaged weight files', () => {
  it('are read or refused with a message, never anything else', async function () {
    this.timeout(120_000);
    const fixtures = loadFixtures(path.resolve('test/fixtures/weights'));
    assert.ok(fixtures.length > 40);
    // A busy machine is slow; test/weights-fuzz.mjs holds every input to a second.
    const result = await fuzzWeights(fixtures, 4000, 11, 10_000);
    assert.deepEqual(result.failures, []);
    assert.ok(result.refused > 1000 && result.opened > 100, `${result.refused} refused, ${result.opened} read`);
  });
});
