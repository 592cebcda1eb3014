import assert from 'node:assert/strict';
import type { ModelSpec } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import type { LayerActivity } from '../../../src/common/trainingProtocol';
import { channelSources, compareAcrossSeeds, type SeedRun } from '../../../src/insight/acrossSeeds';
import { lineUpKernels } from '../../../src/insight/lineUpKernels';

const conv = (name: string, inputs: string[], shape: number[]) => ({
  name,
  className: 'Conv2D',
  inputs,
  weights: [{ name: 'kernel', shape }],
});
const spec = {
  layers: [
    conv('one', [], [3, 3, 1, 6]),
    { name: 'pool', className: 'MaxPooling2D', inputs: ['one'], weights: [] },
    conv('two', ['pool'], [3, 3, 6, 5]),
  ],
} as unknown as ModelSpec;

const random = new Random(21);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());

function activity(layer: string, units: number, order?: readonly number[], of?: LayerActivity): LayerActivity {
  const images = 20;
  const samples = normals(images * units);
  if (order && of) for (let i = 0; i < images; i++) order.forEach((from, u) => (samples[i * units + u] = of.samples[i * units + from]));
  const gram = new Float32Array(images * images);
  for (let a = 0; a < images; a++)
    for (let b = 0; b < images; b++)
      for (let u = 0; u < units; u++) gram[a * images + b] += samples[a * units + u] * samples[b * units + u];
  return { layer, units, gram, samples };
}

/** A run, and the same network with its channels in other orders: what another run would be that found the very same. */
function twins(): { runs: SeedRun[] } {
  const one = normals(54);
  const two = normals(270);
  const [p, q] = [random.permutation(6), random.permutation(5)];
  const oneOther = Float32Array.from(one, (_, i) => one[i - (i % 6) + p[i % 6]]);
  const twoOther = Float32Array.from(two, (_, i) => {
    const [filter, channel, position] = [i % 5, Math.floor(i / 5) % 6, Math.floor(i / 30)];
    return two[(position * 6 + p[channel]) * 5 + q[filter]];
  });
  const [a1, a2] = [activity('one', 6), activity('two', 5)];
  const run = (seed: number, k1: Float32Array, k2: Float32Array, b1: LayerActivity, b2: LayerActivity): SeedRun => ({
    seed,
    accuracy: 0.9,
    kernels: new Map([
      ['one', k1],
      ['two', k2],
    ]),
    activity: new Map([
      ['one', b1],
      ['two', b2],
    ]),
    untrained: new Map([
      ['one', activity('one', 6)],
      ['two', activity('two', 5)],
    ]),
  });
  return { runs: [run(1, one, two, a1, a2), run(2, oneOther, twoOther, activity('one', 6, [...p], a1), activity('two', 5, [...q], a2))] };
}

describe('kernels of runs side by side', () => {
  it('follow channels through pooling', () => {
    assert.deepEqual(
      [...channelSources(spec)],
      [
        ['one', null],
        ['two', 'one'],
      ],
    );
  });

  it('know that a first layer reads the images, whether or not an input layer is named', () => {
    const padding = { name: 'pad', className: 'ZeroPadding2D', inputs: [] as string[], weights: [] };
    const of = (layers: object[]) => {
      const found = { layers } as unknown as ModelSpec;
      const runs = twins().runs.map((r) => ({ ...r, kernels: new Map([...r.kernels].slice(0, 1)) }));
      return compareAcrossSeeds(found, runs, 20).layers[0].matchedCosine !== null;
    };
    assert.ok(of([conv('one', ['one_input'], [3, 3, 1, 6])]));
    assert.ok(of([padding, conv('one', ['pad'], [3, 3, 1, 6])]));
    assert.ok(!of([{ ...padding, name: 'inner/pad' }, conv('one', ['inner'], [3, 3, 1, 6])]));
  });

  it('come into the order of the first run, input channels too', () => {
    const { runs } = twins();
    const { layers } = compareAcrossSeeds(spec, runs, 20);
    const [one, two] = lineUpKernels(layers, runs, channelSources(spec));
    assert.deepEqual(one.kernels[1], one.kernels[0]);
    assert.deepEqual(two.kernels[1], two.kernels[0]);
    assert.deepEqual(
      layers[1].cosines?.[0].map((c) => Math.round(c * 1e6) / 1e6),
      [1, 1, 1, 1, 1],
    );
    assert.equal(layers[0].inEverySeed, 6);
    assert.ok((layers[0].pairChance95 ?? 1) < 1);
  });
});
