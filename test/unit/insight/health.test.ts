import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, type Frame } from '../../../src/common/frame';
import type { LayerInfo } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import type { EpochRow, MetricsRow, TrainOptions } from '../../../src/common/run';
import { findHealth, type HealthFinding, type HealthInput } from '../../../src/insight/health';
import { healthSample, outputSample } from '../../../src/insight/healthSample';
import { HealthTracker } from '../../../src/insight/healthTracker';
import { recordRun, type RecordedRun } from '../../webview/recordRun';

/** A real run on the embedded digits, with one thing about it as the test wants it. */
function train(conv: string, compile: string, options: Partial<TrainOptions> = {}): Promise<RecordedRun> {
  const python = `
from keras import Sequential, layers, initializers, optimizers
model = Sequential([
    layers.Conv2D(8, 3, input_shape=(14, 14, 1), name="first", ${conv}),
    layers.MaxPooling2D(4),
    layers.Flatten(),
    layers.Dense(10, activation="softmax", name="scores"),
])
model.compile(${compile}, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
`;
  return recordRun({ python, options: { epochs: 1, batchSize: 16, limit: 400, seed: 3, backend: 'cpu', ...options } });
}

const healthOf = (run: RecordedRun): HealthFinding[] =>
  findHealth({
    samples: run.storedSteps.map((s) => healthSample(decodeFrame(run.frames.get(s) as ArrayBuffer), run.spec.layers)),
    metrics: { steps: run.steps, epochs: run.epochs },
    lastLayer: 'scores',
    classes: 10,
  });
const kinds = (findings: HealthFinding[]) => findings.map((f) => `${f.kind} ${f.layer ?? ''}`.trim());

describe('health of real runs', function () {
  this.timeout(60_000);

  it('finds nothing wrong with an ordinary run', async () => {
    assert.deepEqual(kinds(healthOf(await train('activation="relu"', '"adam"', { epochs: 3 }))), []);
  });

  it('finds a dead ReLU layer', async () => {
    const findings = healthOf(await train('activation="relu", bias_initializer=initializers.Constant(-10.0)', '"sgd"'));
    assert.deepEqual(kinds(findings), ['no-gradient first', 'no-gradient scores']);
    assert.equal(findings[0].finding, 'No gradient reaches first: it does not learn at all.');
    assert.match(findings[0].evidence, /all 8 units is exactly 0/);
    assert.match(findings[1].finding, /nothing but zeros comes into it/);
  });

  it('finds an exploding learning rate', async () => {
    const findings = healthOf(await train('activation="tanh"', 'optimizers.SGD(learning_rate=30)'));
    const found = findings.find((f) => f.kind === 'update-too-large');
    assert.equal(found?.severity, 'problem', kinds(findings).join());
    assert.match(found.evidence, /about 10⁻³ is usual/);
    assert.match(found.usually, /learning rate/i);
  });

  it('finds a learning rate that moves nothing, and a loss that stays where guessing puts it', async () => {
    const findings = healthOf(await train('activation="relu"', 'optimizers.SGD(learning_rate=1e-7)', { epochs: 3 }));
    assert.deepEqual(new Set(kinds(findings)), new Set(['loss-flat', 'update-too-small first', 'update-too-small scores']));
  });
});

const layer = (name: string, shape: number[], activation = 'relu'): LayerInfo =>
  ({
    name,
    className: shape.length === 4 ? 'Conv2D' : 'Dense',
    config: { activation },
    weights: [{ name: 'kernel', shape, trainable: true }],
  }) as unknown as LayerInfo;

/** A frame of layers whose numbers are given. */
function frame(step: number, layers: { info: LayerInfo; weight: Float32Array; gradient?: Float32Array; update?: Float32Array }[]): Frame {
  const tensors = layers.flatMap(({ info, weight, gradient, update }) =>
    Object.entries({ weight, gradient, update }).flatMap(([field, values]) =>
      values ? [{ name: `${field}:${info.name}/kernel`, shape: info.weights[0].shape, values }] : [],
    ),
  );
  return decodeFrame(encodeFrame({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors }));
}

function judge(frames: Frame[], layers: LayerInfo[], change: Partial<HealthInput> = {}): HealthFinding[] {
  return findHealth({
    samples: frames.map((f) => healthSample(f, layers)),
    metrics: { steps: [], epochs: [] },
    lastLayer: layers[layers.length - 1].name,
    ...change,
  });
}

describe('health of constructed frames', () => {
  const random = new Random(5);
  const normals = (length: number, size = 1) => Float32Array.from({ length }, () => size * random.normal());
  const conv = layer('conv', [3, 3, 2, 8]);
  const ordinary = () => ({ info: conv, weight: normals(144), gradient: normals(144, 0.01), update: normals(144, 1e-3) });

  it('names the units without a gradient, once three batches agree', () => {
    const silenced = (units: number[]) => {
      const part = ordinary();
      return { ...part, gradient: part.gradient.map((g, i) => (units.includes(i % 8) ? 0 : g)) };
    };
    const frames = [[1, 4], [4, 6], [4]].map((units, i) => frame(i + 1, [silenced(units)]));
    assert.deepEqual(kinds(judge(frames.slice(0, 2), [conv])), []);
    const [found, ...more] = judge(frames, [conv]);
    assert.equal(more.length, 0);
    assert.equal(found.finding, '1 of 8 units of conv has stopped learning.');
    assert.match(found.evidence, /steps 1 to 3: 4\./);
  });

  it('counts the units of depthwise and transposed kernels along their own axes', () => {
    const cases: [LayerInfo, number][] = [
      [
        {
          ...layer('d', [3, 3, 4, 2]),
          className: 'DepthwiseConv2D',
          weights: [{ name: 'depthwise_kernel', shape: [3, 3, 4, 2], trainable: true }],
        } as unknown as LayerInfo,
        8,
      ],
      [{ ...layer('t', [3, 3, 5, 2]), className: 'Conv2DTranspose' }, 5],
      [layer('dense', [7, 6]), 6],
    ];
    for (const [info, units] of cases) {
      const weight = normals(info.weights[0].shape.reduce((a, b) => a * b, 1));
      const tensors = [{ name: `weight:${info.name}/${info.weights[0].name}`, shape: info.weights[0].shape, values: weight }];
      const made = decodeFrame(encodeFrame({ step: 1, epoch: 0, loss: 1, learningRate: 0.1, tensors }));
      assert.equal(healthSample(made, [info]).layers[0].units, units, info.name);
    }
  });

  it('blames the last silent layer for those before it', () => {
    const after = layer('after', [8, 4], 'relu');
    const end = layer('end', [4, 3], 'softmax');
    const frames = [1, 2, 3].map((step) =>
      frame(step, [
        { ...ordinary(), gradient: new Float32Array(144) },
        { info: after, weight: normals(32), gradient: new Float32Array(32), update: new Float32Array(32) },
        { info: end, weight: normals(12), gradient: normals(12, 0.01), update: normals(12, 1e-3) },
      ]),
    );
    const findings = judge(frames, [conv, after, end]);
    assert.deepEqual(kinds(findings), ['no-gradient conv', 'no-gradient after']);
    assert.match(findings[0].finding, /because after behind it/);
  });

  it('finds vanishing and exploding gradients', () => {
    const end = layer('end', [8, 4], 'softmax');
    const at = (step: number, size: number, first: number) =>
      frame(step, [
        { ...ordinary(), gradient: normals(144, first) },
        { info: end, weight: normals(32), gradient: normals(32, size), update: normals(32, 1e-3) },
      ]);
    assert.deepEqual(
      kinds(
        judge(
          [1, 2, 3, 4].map((s) => at(s, 0.1, 1e-7)),
          [conv, end],
        ),
      ),
      ['vanishing-gradient conv'],
    );
    const grown = [1, 2, 3, 4, 5, 6, 7].map((s) => at(s, s > 4 ? 500 : 0.1, s > 4 ? 500 : 0.1));
    assert.deepEqual(kinds(judge(grown, [conv, end])), ['exploding-gradient']);
  });

  it('sees kernels that have grown alike', () => {
    const one = normals(18);
    const alike = Float32Array.from({ length: 144 }, (_, i) => one[Math.floor(i / 8)] + 0.05 * random.normal());
    const frames = [frame(0, [ordinary()]), ...[1, 2, 3].map((s) => frame(s, [{ ...ordinary(), weight: alike }]))];
    const [found] = judge(frames, [conv]);
    assert.equal(found.kind, 'less-diverse');
    assert.deepEqual(kinds(judge([frame(0, [ordinary()]), ...[1, 2, 3].map((s) => frame(s, [ordinary()]))], [conv])), []);
  });

  it('says when outputs stand at the flat ends of their activation, but not of the last layer', () => {
    const info = layer('hidden', [4, 3], 'tanh');
    const samples = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 0.1 : i % 2 ? 0.999 : -0.999));
    const sample = outputSample({ layer: 'hidden', units: 3, gram: new Float32Array(0), samples }, info);
    assert.ok(sample && Math.abs((sample.saturated ?? 0) - 2 / 3) < 1e-6);
    const input = { samples: [], metrics: { steps: [], epochs: [] }, outputs: [sample] };
    assert.deepEqual(kinds(findHealth({ ...input, lastLayer: 'end' })), ['saturated hidden']);
    assert.deepEqual(kinds(findHealth({ ...input, lastLayer: 'hidden' })), []);
  });

  it('tells a unit that gave only zeros', () => {
    const samples = Float32Array.from({ length: 40 }, (_, i) => (i % 4 === 1 ? 0 : random.uniform(0, 1) - 0.2));
    const sample = outputSample({ layer: 'conv', units: 4, gram: new Float32Array(0), samples }, conv);
    assert.deepEqual(sample?.neverActive, [1]);
    assert.equal(sample?.saturated, null);
  });
});

describe('health of curves', () => {
  const steps = (losses: number[]): MetricsRow[] =>
    losses.map((loss, i) => ({ step: i + 1, epoch: 0, seconds: i, learningRate: 0.1, values: { loss } }));
  const epochs = (rows: [number, number][]): EpochRow[] =>
    rows.map(([loss, val_loss], epoch) => ({ epoch, step: (epoch + 1) * 10, seconds: epoch, values: { loss, val_loss } }));
  const judgeCurves = (metrics: HealthInput['metrics']) => kinds(findHealth({ samples: [], metrics, lastLayer: null, classes: 10 }));
  const random = new Random(9);
  const noisy = (value: (t: number) => number, n = 200) =>
    Array.from({ length: n }, (_, i) => value(i / n) * (1 + 0.2 * Math.abs(random.normal())));

  it('lets a loss fall, level out and be noisy near zero', () => {
    for (const curve of [(t: number) => 2.3 * Math.exp(-6 * t), (t: number) => 0.003 + 2.3 * Math.exp(-60 * t) + (t > 0.8 ? 0.02 : 0)])
      assert.deepEqual(judgeCurves({ steps: steps(noisy(curve)), epochs: [] }), []);
  });

  it('says when it rises again, stays flat, or is no number', () => {
    assert.deepEqual(judgeCurves({ steps: steps(noisy((t) => (t < 0.5 ? 2.3 - 4 * t : 4 * (t - 0.5) + 0.3))), epochs: [] }), [
      'loss-rises',
    ]);
    assert.deepEqual(judgeCurves({ steps: steps(noisy(() => 2.2)), epochs: [] }), ['loss-flat']);
    assert.deepEqual(judgeCurves({ steps: steps([2, 3, NaN, NaN]), epochs: [] }), ['not-finite']);
  });

  it('says when only the training images get better', () => {
    const over: [number, number][] = [
      [1, 1],
      [0.6, 0.7],
      [0.4, 0.8],
      [0.2, 0.9],
      [0.1, 1.1],
    ];
    assert.deepEqual(judgeCurves({ steps: [], epochs: epochs(over) }), ['overfitting']);
    assert.deepEqual(judgeCurves({ steps: [], epochs: epochs(over.map(([a]) => [a, a + 0.05])) }), []);
  });
});

describe('findings while a run goes on', () => {
  const finding = (kind: HealthFinding['kind'], severity: HealthFinding['severity'] = 'watch'): HealthFinding => ({
    kind,
    severity,
    layer: 'conv',
    finding: kind,
    evidence: '',
    usually: '',
  });
  const shown = (tracker: HealthTracker) => tracker.shown.map((f) => `${f.kind}${f.isNew ? ' new' : ''}`);

  it('appear when seen twice, stay through a gap, and go when they stay away', () => {
    const tracker = new HealthTracker();
    const looks: [HealthFinding[], string[]][] = [
      [[finding('dead-units')], []],
      [[], []],
      [[finding('dead-units')], []],
      [[finding('dead-units')], ['dead-units new']],
      [[], ['dead-units new']],
      [[], ['dead-units new']],
      [[], []],
    ];
    for (const [found, expected] of looks) {
      tracker.update(found, false);
      assert.deepEqual(shown(tracker), expected);
    }
  });

  it('are new until looked at, and problems stand first', () => {
    const tracker = new HealthTracker();
    tracker.update([finding('dead-units')], true);
    tracker.acknowledge();
    tracker.update([finding('dead-units'), finding('no-gradient', 'problem')], true);
    assert.deepEqual(shown(tracker), ['no-gradient new', 'dead-units']);
    tracker.update([], true);
    assert.deepEqual(shown(tracker), []);
  });
});
