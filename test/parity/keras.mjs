/**
 * Builds the models of the Keras fixtures in Keras and here, with the same weights, and compares layers, output shapes, parameter
 * counts, one forward pass and one training step.
 *
 *   node test/parity/keras.mjs PYTHON [FIXTURE.py]      (a Python that can import keras, with TensorFlow behind it)
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
const require = createRequire(import.meta.url);
const tfc = require('@tensorflow/tfjs-core');
const { readModelSource } = require('../../src/model/readModelSource.ts');
const { buildModel } = require('../../src/engine/buildModel.ts');
const { startBackend } = require('../../src/engine/backend.ts');

const [python] = process.argv.slice(2);
if (!python) {
  console.error('usage: node test/parity/keras.mjs PYTHON');
  process.exit(2);
}
const here = import.meta.dirname;
const fixtures = path.resolve(here, '../unit/model/keras/fixtures');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parity-'));

/** What Keras makes of the models of a fixture. */
function referenceOf(fixture) {
  if (process.env.PARITY_REFERENCE) return JSON.parse(fs.readFileSync(process.env.PARITY_REFERENCE, 'utf8'));
  const file = path.join(folder, 'reference.json');
  execFileSync(python, [path.join(here, 'kerasReference.py'), fixture, file], { stdio: ['ignore', 'inherit', 'inherit'] });
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

const tensor = ({ shape, values }) => tfc.tensor(values, shape);
const largest = (a, b) => tfc.max(tfc.abs(tfc.sub(a, b))).dataSync()[0];
const size = (a) => Math.max(1, tfc.max(tfc.abs(a)).dataSync()[0]);

/** What differs between the layers read and those that Keras built. */
function* layerProblems(spec, expected) {
  const layers = spec.layers.filter((l) => l.className !== 'InputLayer');
  if (layers.length !== expected.layers.length) yield `${layers.length} layers, not ${expected.layers.length}`;
  for (const [i, want] of expected.layers.entries()) {
    const got = layers[i];
    if (!got) return;
    // A class that calls functions on tensors has layers here that Keras does not list.
    if (want.class !== got.className) yield `${got.name} is ${got.className}, not ${want.class}`;
    if (want.shape && JSON.stringify(got.outputShape) !== JSON.stringify(want.shape))
      yield `${got.name} gives ${JSON.stringify(got.outputShape)}, not ${JSON.stringify(want.shape)}`;
    if (got.params !== want.params) yield `${got.name} has ${got.params} parameters, not ${want.params}`;
  }
}

/** Gives the model here the weights of Keras, found by layer and then by name or order. */
function load(parameters, weights) {
  const used = new Map();
  for (const p of parameters) {
    const list = weights[p.layer] ?? [];
    const taken = used.get(p.layer) ?? new Set();
    used.set(p.layer, taken);
    const isFree = (w) => !taken.has(w);
    const found =
      list.find((w) => isFree(w) && w.name === p.spec.name) ?? list.find((w) => isFree(w) && String(w.shape) === String(p.spec.shape));
    if (!found) throw new Error(`Keras has no ${p.layer}/${p.spec.name}`);
    taken.add(found);
    p.variable.assign(tensor(found));
  }
}

async function trainingProblems(spec, expected) {
  const { model, parameters } = await buildModel(spec, 0, null);
  load(parameters, expected.weights);
  const inputs = expected.inputs.map(tensor);
  const x = inputs.length === 1 ? inputs[0] : inputs;
  const wanted = tensor(expected.output);
  const output = model.apply(x, { training: false });
  if (String(output.shape) !== String(wanted.shape)) return [`output [${output.shape}], not [${wanted.shape}]`];
  const error = largest(output, wanted) / size(wanted);
  const problems = error < 2e-5 ? [] : [`outputs differ by ${error.toExponential(1)}`];
  const trained = parameters.filter((p) => p.isTrained);
  const step = tfc.variableGrads(
    () => tfc.mean(tfc.square(model.apply(x, { training: true }))),
    trained.map((p) => p.variable),
  );
  const lossError = Math.abs(step.value.dataSync()[0] - expected.loss) / Math.max(1, Math.abs(expected.loss));
  if (!(lossError < 2e-5)) problems.push(`losses differ by ${lossError.toExponential(1)}`);
  const after = trained.map((p) => ({ ...p, value: tfc.sub(p.variable, tfc.mul(step.grads[p.variable.name], 0.1)) }));
  load(parameters, expected.after);
  const worst = Math.max(0, ...after.map((p) => largest(p.value, p.variable) / size(p.variable)));
  if (!(worst < 5e-5)) problems.push(`weights after one step differ by ${worst.toExponential(1)}`);
  return problems.length ? problems : `outputs within ${error.toExponential(1)}, one step within ${worst.toExponential(1)}`;
}

await startBackend('auto');
let failures = 0;
let count = 0;
let version = '';
const wanted = process.argv[3] ? [process.argv[3]] : ['models.py', 'layers.py', 'applications.py'];
for (const name of wanted) await compareFixture(path.join(fixtures, name));
fs.rmSync(folder, { recursive: true });
console.log(`${count - failures} of ${count} as in Keras ${version}`);
process.exit(failures > 0 ? 1 : 0);

async function compareFixture(fixture) {
  const reference = referenceOf(fixture);
  version = reference.keras;
  const source = await readModelSource({ path: fixture, text: fs.readFileSync(fixture, 'utf8') });
  for (const [name, expected] of Object.entries(reference.models)) {
    const spec = source.models.find((m) => m.name === name);
    const problems = [];
    let verdict = 'shapes and counts';
    if (!spec) problems.push('it was not read');
    else {
      if (spec.totalParams !== expected.count) problems.push(`${spec.totalParams} parameters, not ${expected.count}`);
      // Operations on tensors are layers here; Keras does not list them.
      const isOfLayers = name !== 'subclassed' && !spec.layers.some((l) => l.className === 'TFOpLambda');
      if (isOfLayers) problems.push(...layerProblems(spec, expected));
      const isTrained = expected.weights && spec.trainable && !spec.layers.some((l) => /Dropout|Noise/.test(l.className));
      if (isTrained && problems.length === 0) {
        const result = await trainingProblems(spec, expected).catch((e) => [e.message]);
        if (Array.isArray(result)) problems.push(...result);
        else verdict = result;
      }
    }
    count++;
    if (problems.length > 0) failures++;
    console.log(problems.length ? `WRONG ${name}: ${problems.slice(0, 5).join('; ')}` : `ok    ${name}: ${verdict}`);
  }
}
