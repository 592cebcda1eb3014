import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { chanceOfMatching } from '../../../src/insight/matchKernels';
import { BLOB_SHARE, classifySlice, LINE_SHARE } from '../../../src/insight/kernelClass';
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

  it('explains the words that the answers use', () => {
    const explained = [...glossary.matchAll(/\*\*([^*]+)\*\* —/g)].flatMap((m) => m[1].toLowerCase().split(/,\s*/)).join('\n');
    const words =
      'seed, initialiser, fan_in, fan_out, standard deviation, gradient, update, update:weight ratio, learning rate, optimiser, batch, epoch, step, loss, accuracy, ' +
      'edge filter, gabor filter, colour-opponent filter, line, blob, flat kernel, energy, chance level, p-value, rank correlation, cosine, norm (l2), ' +
      'effective number of kernels, variance entropy, orthogonality, sparsity, twins, merging twins, knock-out, confidence interval (95 %), sign test, ' +
      'receptive field, feature map, grad-cam, feature visualisation, score, slope, tangent, finite differences, backpropagation, regularisation, weight decay, ' +
      'dead relu, saturation, vanishing and exploding gradients, overfitting, early stopping, augmentation, gradient clipping, batch normalisation, leakyrelu, ' +
      'residual connection, matching kernels, correlation of outputs, linear cka, spread, frame, run';
    const missing = words.split(', ').filter((word) => !explained.split('\n').includes(word));
    assert.deepEqual(missing, []);
  });

  it('states the levels by which classes are told', () => {
    assert.equal(BLOB_SHARE, 0.75);
    assert.equal(LINE_SHARE, 0.875);
    assert.ok(glossary.includes('three quarters of its energy are in its mean'));
    assert.ok(glossary.includes('seven eighths of its energy'));
  });

  it('says each word once', () => {
    const words = [...glossary.matchAll(/^\*\*([^*]+)\*\* —/gm)].map((m) => m[1]);
    assert.ok(words.length > 40);
    assert.equal(new Set(words).size, words.length);
  });
});
