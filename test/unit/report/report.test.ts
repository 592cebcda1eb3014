import assert from 'node:assert/strict';
import { PNG } from 'pngjs';
import { signedColor } from '../../../src/common/colorMap';
import { frameKey, type Frame } from '../../../src/common/frame';
import { kernelAtlasFor } from './kernelAtlasFor';
import type { LayerInfo } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import type { RunManifest } from '../../../src/common/run';
import { layerInsight } from '../../../src/insight/layerInsight';
import { buildReport } from '../../../src/report/buildReport';
import type { ReportedRun } from '../../../src/report/readRun';
import { frameOf, type RecordedRun } from '../../webview/recordRun';
import { sharedRun } from '../../webview/sharedRun';

const analyse = async (values: Float32Array, shape: number[]) => layerInsight(values, shape);

function reported(run: RecordedRun, change: Partial<RunManifest> = {}): ReportedRun {
  const steps = run.storedSteps;
  const manifest = {
    format: 'kernelscope-run-1',
    createdAt: '2026-11-24T10:00:00.000Z',
    kernelscopeVersion: '0.1.0',
    modelName: run.spec.name,
    sourceFile: 'folder/model.py',
    sourceSha256: 'ab'.repeat(32),
    spec: run.spec,
    data: { kind: 'embedded', name: 'digits' },
    dataset: run.dataset,
    options: run.options,
    backend: 'cpu',
    stepsPerEpoch: 15,
    totalSteps: 30,
    notRepeatable: [],
    versions: { node: 'v20' },
    phase: 'finished',
    test: run.test,
    ...change,
  } as RunManifest;
  const recent = steps.slice(-6).map((s) => frameOf(run, s));
  return {
    manifest,
    metrics: { steps: run.steps, epochs: run.epochs },
    steps,
    first: frameOf(run, 0),
    last: recent[recent.length - 1],
    recent,
  };
}

describe('the report of a run', function () {
  this.timeout(120_000);
  let run: RecordedRun;
  let html: string;

  before(async () => {
    run = await sharedRun();
    html = await buildReport(reported(run), analyse);
  });

  it('needs nothing else and runs nothing', () => {
    assert.doesNotMatch(html, /<script|<link|https?:\/\/|url\(|@import/i);
    for (const [, source] of html.matchAll(/\b(?:src|srcset)="([^"]*)"/g)) assert.match(source, /^data:image\/png;base64,/);
    assert.match(html, /default-src 'none'/);
    assert.match(html, /prefers-color-scheme: dark/);
    assert.ok(Buffer.byteLength(html) < 1_000_000);
  });

  it('says what the run was, and how to train it again', () => {
    for (const text of ['2,078 parameters', 'synthetic data', '<td>3: it drives', '18 × 18 × 8', 'sparse_categorical_crossentropy'])
      assert.ok(html.includes(text), text);
    assert.match(
      html,
      /kernelscope train model\.py --model model --data digits --epochs 2 --batch-size 16 --seed 3 --limit 240 --backend cpu/,
    );
    assert.ok(html.includes('ab'.repeat(32)));
    assert.ok(html.includes('bit for bit'));
  });

  it('draws curves through what was measured', () => {
    const [, loss] = /<b>loss<\/b>[\s\S]*?<path class="training" d="([^"]+)"/.exec(html) ?? [];
    assert.ok(loss);
    const points = loss
      .split(/[ML]/)
      .filter(Boolean)
      .map((p) => p.split(' ').map(Number));
    assert.equal(points.length, run.steps.length);
    const values = run.steps.map((r) => r.values.loss);
    // Higher losses stand higher.
    values.forEach((v, i) => values.forEach((w, k) => assert.ok(v <= w + 1e-9 || points[i][1] <= points[k][1] + 0.11)));
    assert.equal((html.match(/<circle class="validation"/g) ?? []).length, 2 * run.epochs.length);
  });

  it('draws every kernel as its weights are, first and last on one scale', () => {
    const { shape, values } = weightsOf(frameOf(run, run.storedSteps.at(-1) ?? 0), 'second');
    const start = weightsOf(frameOf(run, 0), 'second').values;
    const part = html.slice(html.indexOf('<h3>second'));
    const uris = [...part.matchAll(/img src="data:image\/png;base64,([^"]+)"/g)].slice(0, 2).map((m) => m[1]);
    const scale = Math.max(...[...start, ...values].map(Math.abs));
    [start, values].forEach((shown, i) => {
      const png = PNG.sync.read(Buffer.from(uris[i], 'base64'));
      const { places, pixelsPerWeight: n, width } = kernelAtlasFor(shape);
      assert.equal(png.width, width);
      for (const { offset, x, y } of places) {
        const at = ((y + (n >> 1)) * png.width + x + (n >> 1)) * 4;
        assert.deepEqual([...png.data.subarray(at, at + 3)], signedColor(shown[offset], scale, 'light'), `weight ${offset}`);
      }
    });
  });

  it('says what the kernels are beside chance', () => {
    const { shape, values } = weightsOf(frameOf(run, run.storedSteps.at(-1) ?? 0), 'first');
    assert.ok(html.includes(layerInsight(values, shape).summary.sentence.replace(/'/g, '&#39;')));
    assert.match(html, /that of random kernels of this size 0\.273/);
  });

  it('shows names as text, whatever is in them', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const spec = { ...run.spec, name: evil };
    const made = await buildReport(reported(run, { spec, sourceFile: `${evil}.py`, notRepeatable: [evil] }), analyse);
    assert.ok(!made.includes('<img src=x'));
    assert.ok(made.includes('&#60;img src=x onerror=alert(1)&#62;'));
  });

  it('stays below 5 MB for large networks, and says what it leaves out', async () => {
    const random = new Random(1);
    const shape = [3, 3, 64, 512];
    const layers = Array.from({ length: 8 }, (_, i) => ({
      ...run.spec.layers[1],
      name: `large_${i}`,
      inputs: [],
      weights: [{ ...run.spec.layers[1].weights[0], shape }],
    }));
    const tensors = new Map(
      layers.map(({ name }) => {
        const values = Float32Array.from({ length: 3 * 3 * 64 * 512 }, () => random.normal());
        return [frameKey('weight', name, 'kernel'), { name, shape, values }] as const;
      }),
    );
    const [first, last]: Frame[] = [0, 9].map((step) => ({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors }));
    const spec = { ...run.spec, layers: layers as LayerInfo[] };
    const summary = layerInsight(new Float32Array(72).fill(0.1), [3, 3, 1, 8]);
    const base = reported(run, { spec });
    const made = await buildReport({ ...base, first, last, recent: [last] }, async () => summary);
    assert.ok(Buffer.byteLength(made) < 5_000_000);
    assert.match(made, /The first \d+ of 512 kernels are drawn/);
  });
});

function weightsOf(frame: Frame, layer: string) {
  const tensor = frame.tensors.get(frameKey('weight', layer, 'kernel'));
  assert.ok(tensor);
  return tensor;
}
