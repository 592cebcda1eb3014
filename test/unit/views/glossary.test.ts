import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { chanceOfMatching } from '../../../src/insight/matchKernels';
import { classifySlice } from '../../../src/insight/kernelClass';
import { distributionOf } from '../../../src/insight/initializers';
import type { WeightSpec } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';

const glossary = fs.readFileSync('media/glossary.md', 'utf8');

/** The numbers that the glossary states are those that the product computes. */
describe('the glossary', () => {
  it('states the bound that the initialiser draws in', () => {
    const weight: WeightSpec = {
      name: 'kernel',
      shape: [3, 3, 3, 32],
      fanIn: 27,
      fanOut: 288,
      initializer: { className: 'GlorotUniform', config: {} },
      trainable: true,
    };
    const law = distributionOf(weight);
    assert.ok(law.kind === 'uniform');
    assert.ok(glossary.includes(`fan_in 27, fan_out 288, bound ±${law.high.toFixed(3)}`));
  });

  it('states what chance gives', () => {
    assert.ok(glossary.includes(`reach a mean cosine of ${chanceOfMatching(10, 9).mean.toFixed(2)}`));
    const random = new Random(1);
    const trials = 20_000;
    let above = 0;
    for (let i = 0; i < trials; i++)
      if (
        classifySlice(
          Float64Array.from({ length: 9 }, () => random.normal()),
          3,
          3,
          1,
        ).edgeScore > 0.785
      )
        above++;
    assert.ok(Math.abs(above / trials - 0.01) < 0.003, `${above} of ${trials}`);
  });

  it('says each word once', () => {
    const words = [...glossary.matchAll(/^\*\*([^*]+)\*\* —/gm)].map((m) => m[1]);
    assert.ok(words.length > 40);
    assert.equal(new Set(words).size, words.length);
  });
});
