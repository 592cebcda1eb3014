/**
 * Builds the networks of the PyTorch fixtures in PyTorch and here, with the same weights, and compares parameter counts, output
 * shapes, one forward pass and one training step.
 *
 *   node test/parity/pytorch.mjs PYTHON      (a Python that can import torch)
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
  console.error('usage: node test/parity/pytorch.mjs PYTHON');
  process.exit(2);
}
const here = import.meta.dirname;
const fixtures = ['networks.py', 'recurrent.py'].map((name) => path.resolve(here, '../unit/model/pytorch/fixtures', name));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parity-'));
const file = path.join(folder, 'reference.json');
const reference = { models: {} };
const models = [];
for (const fixture of fixtures) {
  execFileSync(python, [path.join(here, 'pytorchReference.py'), fixture, file], { stdio: ['ignore', 'inherit', 'inherit'] });
  const { torch, models: found } = JSON.parse(fs.readFileSync(file, 'utf8'));
  reference.torch = torch;
  Object.assign(reference.models, found);
  models.push(...(await readModelSource({ path: fixture, text: fs.readFileSync(fixture, 'utf8') })).models);
}
fs.rmSync(folder, { recursive: true });

const tensor = ({ shape, values }) => tfc.tensor(values, shape);
/** Where the axes of a PyTorch tensor go when channels come last. */
const channelsLast = (rank) => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

const RECURRENT = { SimpleRNN: [0], GRU: [1, 0, 2], LSTM: [0, 1, 2, 3] };

/** A weight of one layer and direction of a recurrent module; Keras has a GRU's update gate first. */
function recurrentWeight(weights, layer, spec) {
  const [, module, suffix] = /^(.*?)(?:\.(l\d+(?:_reverse)?))?$/.exec(layer.name);
  // Cells have one layer, whose weights have no ending.
  const get = (name) => tensor(weights[`${module}.${name}_${suffix ?? 'l0'}`] ?? weights[`${module}.${name}`]);
  const gates = RECURRENT[layer.className];
  const inOrder = (value) => {
    const split = tfc.split(value, gates.length, 0);
    return tfc.concat(
      gates.map((g) => split[g]),
      0,
    );
  };
  if (spec.name === 'bias') return tfc.stack(['bias_ih', 'bias_hh'].map((name) => inOrder(get(name))));
  return tfc.transpose(inOrder(get(spec.name === 'kernel' ? 'weight_ih' : 'weight_hh')));
}

/** A weight of an attention: query, key and value are one in PyTorch, and the heads come one after the other. */
function attentionWeight(weights, layer, spec) {
  const at = ['query', 'key', 'value'].findIndex((part) => spec.name.startsWith(part));
  const isBias = spec.name.endsWith('bias');
  if (at < 0) {
    const value = tensor(weights[`${layer.name}.out_proj.${isBias ? 'bias' : 'weight'}`]);
    return tfc.reshape(isBias ? value : tfc.transpose(value), spec.shape);
  }
  const value = tfc.split(tensor(weights[`${layer.name}.in_proj_${isBias ? 'bias' : 'weight'}`]), 3, 0)[at];
  return tfc.reshape(isBias ? value : tfc.transpose(value), spec.shape);
}

/** A weight of PyTorch in the layout of the layer here. */
function weightOf(weights, layer, spec) {
  if (layer.className === 'MultiHeadAttention') return attentionWeight(weights, layer, spec);
  if (layer.className in RECURRENT) return recurrentWeight(weights, layer, spec);
  const names = { kernel: 'weight', depthwise_kernel: 'weight', gamma: 'weight', alpha: 'weight', bias: 'bias', beta: 'bias' };
  const name = { moving_mean: 'running_mean', moving_variance: 'running_var' }[spec.name] ?? names[spec.name];
  const value = tensor(weights[`${layer.name}.${name}`]);
  if (spec.name === 'depthwise_kernel') return tfc.reshape(tfc.transpose(value, [2, 3, 0, 1]), spec.shape);
  if (spec.name !== 'kernel') return tfc.reshape(value, spec.shape);
  const rank = value.shape.length;
  const window = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  return tfc.transpose(value, [...window, 1, 0]);
}

const largest = (a, b) => tfc.max(tfc.abs(tfc.sub(a, b))).dataSync()[0];
const size = (a) => Math.max(1, tfc.max(tfc.abs(a)).dataSync()[0]);

await startBackend('auto');
let failures = 0;
for (const [name, expected] of Object.entries(reference.models)) {
  const spec = models.find((m) => m.name === name);
  const problems = [];
  if (!spec) problems.push('it was not read');
  else {
    if (spec.totalParams !== expected.count) problems.push(`${spec.totalParams} parameters, not ${expected.count}`);
    const { model, parameters } = await buildModel(spec, 0, null);
    const infos = new Map(spec.layers.map((l) => [l.name, l]));
    const load = (values) => parameters.forEach((p) => p.variable.assign(weightOf(values, infos.get(p.layer), p.spec)));
    load(expected.weights);
    const raw = tensor(expected.input);
    const isTimeFirst = raw.shape.length === 3 && spec.inputShapes[0][1] !== raw.shape[1];
    const x = raw.shape.length === 4 ? tfc.transpose(raw, channelsLast(4)) : isTimeFirst ? tfc.transpose(raw, [1, 0, 2]) : raw;
    const forward = (training) => {
      const output = model.apply(x, { training });
      return output.shape.length === 4 ? tfc.transpose(output, [0, 3, 1, 2]) : output;
    };
    const wanted = tensor(expected.output);
    const output = forward(false);
    if (String(output.shape) !== String(wanted.shape)) problems.push(`output [${output.shape}], not [${wanted.shape}]`);
    else {
      const error = largest(output, wanted) / size(wanted);
      if (!(error < 2e-5)) problems.push(`outputs differ by ${error.toExponential(1)}`);
      const trained = parameters.filter((p) => p.isTrained);
      const step = tfc.variableGrads(
        () => tfc.mean(tfc.square(forward(true))),
        trained.map((p) => p.variable),
      );
      const lossError = Math.abs(step.value.dataSync()[0] - expected.loss) / Math.max(1, Math.abs(expected.loss));
      if (!(lossError < 2e-5)) problems.push(`losses differ by ${lossError.toExponential(1)}`);
      let worst = 0;
      for (const p of trained) {
        const after = tfc.sub(p.variable, tfc.mul(step.grads[p.variable.name], 0.1));
        const target = weightOf(expected.after, infos.get(p.layer), p.spec);
        worst = Math.max(worst, largest(after, target) / size(target));
      }
      if (!(worst < 5e-5)) problems.push(`weights after one step differ by ${worst.toExponential(1)}`);
      if (problems.length === 0)
        console.log(`ok    ${name}: outputs within ${error.toExponential(1)}, one step within ${worst.toExponential(1)}`);
    }
  }
  if (problems.length > 0) {
    failures++;
    console.log(`WRONG ${name}: ${problems.join('; ')}`);
  }
}
console.log(
  `${Object.keys(reference.models).length - failures} of ${Object.keys(reference.models).length} as in PyTorch ${reference.torch}`,
);
process.exit(failures > 0 ? 1 : 0);
