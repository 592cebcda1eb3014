import assert from 'node:assert/strict';
import type { LayerInfo } from '../../../src/common/modelSpec';
import type { StepProfile } from '../../../src/common/stepProfile';
import { layerDescription, layerTooltip, profileMessage } from '../../../src/views/layerText';

const layer: LayerInfo = {
  name: 'conv2d',
  className: 'Conv2D',
  config: {},
  outputShape: [null, 26, 26, 8],
  params: 80,
  trainableParams: 80,
  weights: [],
  inputs: [],
  source: null,
};
const state = { word: 'training', updateRatio: 0.001, silentFilters: null, step: 3 };
const profile: StepProfile = {
  layers: [
    { layer: 'conv2d', forward: 1, backward: 2 },
    { layer: 'dense', forward: 4, backward: 1.5 },
    { layer: 'loss', forward: 0.4, backward: 0.1 },
  ],
  update: 1,
  step: 8.25,
  isPlanned: true,
};

describe('the layers tree', () => {
  it('tells what a layer gives out, what it learns and, once that was measured, its share of a step', () => {
    assert.equal(layerDescription(layer, state), '26×26×8 · Δ/w 1e-3 · 80 params');
    assert.equal(layerDescription(layer, state, profile), '26×26×8 · Δ/w 1e-3 · 30 % of a step · 80 params');
    assert.match(layerTooltip(layer, state, profile), /In a step: forward 1\.00 ms, backward 2\.00 ms/);
  });

  it('says nothing of a layer that has no kernels of its own', () => {
    const flat = { ...layer, name: 'flatten', className: 'Flatten', params: 0 };
    const none = { word: null, updateRatio: null, silentFilters: null, step: null };
    assert.equal(layerDescription(flat, none, profile), '26×26×8');
    assert.doesNotMatch(layerTooltip(flat, none, profile), /In a step/);
  });

  it('sums the step up', () => {
    assert.equal(profileMessage(profile), 'A step takes 8.3 ms as one program: layers 85 %, loss 5.0 %, optimizer 10 %.');
  });
});
