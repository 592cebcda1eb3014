import * as assert from 'node:assert/strict';
import { readModelSource } from '../../../../src/model/readModelSource';
import { readOne, rows } from './readOne';

const dense = (units: string): string => `tf.sequential({layers: [tf.layers.dense({units: ${units}, inputShape: [1]})]});`;

async function unitsOf(before: string, units: string, path = 'model.ts'): Promise<string[]> {
  return rows(await readOne(`${before}\n${dense(units)}`, path));
}

describe('Values of a script', () => {
  it('follow enumerations and namespaces of TypeScript', async () => {
    assert.deepEqual(await unitsOf('enum Size { Small = 3, Large, Huge = Small * 4 }', 'Size.Large + Size.Huge'), ['Dense 16 32']);
    assert.deepEqual(await unitsOf('namespace Settings { export const units = 5; }', 'Settings.units'), ['Dense 5 10']);
    assert.deepEqual(await unitsOf('enum Kind { A, B }', 'Kind[1].length + 2'), ['Dense 3 6']);
  });

  it('go through promises, as if all of them were kept', async () => {
    assert.deepEqual(await unitsOf('const units = await new Promise((resolve) => setUp(() => 1) || resolve(7));', 'units'), ['Dense 7 14']);
    const later = await readOne(`const build = async () => ${dense('3')}
build().then((model) => { model.add(tf.layers.dense({units: 2})); return model; }).catch(() => 0).finally(() => 0);`);
    assert.deepEqual(rows(later), ['Dense 3 6', 'Dense 2 8']);
  });

  it('come out of tf.tidy, and of modules that are imported later', async () => {
    const model = await readOne(`const model = tf.tidy(() => ${dense('4').replace(';', '')});\nmodel.add(tf.layers.dense({units: 2}));`);
    assert.deepEqual(rows(model), ['Dense 4 8', 'Dense 2 10']);
    const late = await readOne(
      `async function main() { const lib = await import('@tensorflow/tfjs-node'); ${dense('6').replaceAll('tf.', 'lib.')} }`,
    );
    assert.deepEqual(rows(late), ['Dense 6 12']);
  });

  it("know JavaScript's methods of arrays, texts, maps and objects", async () => {
    const cases: [string, number][] = [
      ['[3, 1, 2].sort((a, b) => b - a)[0]', 3],
      ['["b", "a"].sort().indexOf("b") + 1', 1 + 1],
      ['[1, [2, [3, 4]]].flat(2).length', 4],
      ['[1, 2, 3].findLast((n) => n < 3)', 2],
      ['"64x32".split("x").map(Number).reduce((a, b) => a + b)', 96],
      ['Number("units-12".slice(6))', 12],
      ['Number("units-12".replace("units-", ""))', 12],
      ['"abc".charAt(1).padStart(5, ".").length', 5],
      ['Object.keys(Object.fromEntries([["a", 1], ["b", 2]])).length', 2],
      ['[...new Map([["a", 5]]).values()][0]', 5],
      ['new Map([["a", 5], ["b", 6]]).get("b")', 6],
      ['({size: 9}).size', 9],
      ['new Set([1, 1, 2]).size', 2],
    ];
    for (const [expression, units] of cases) assert.deepEqual(await unitsOf('', expression), [`Dense ${units} ${2 * units}`], expression);
    assert.deepEqual(await unitsOf('let units = 0; for (const [, n] of new Map([["a", 5], ["b", 6]])) units += n;', 'units'), [
      'Dense 11 22',
    ]);
  });
});

describe('Components of React', () => {
  it('build in handlers and effects, keep models in references and numbers in states', async () => {
    const model = await readOne(
      `import React, { useEffect, useRef, useState, useMemo } from 'react';
export default function App() {
  const model = useRef<tf.Sequential>(null);
  const [units] = useState(8);
  const classes = useMemo(() => units / 2, [units]);
  useEffect(() => { model.current = tf.sequential(); }, []);
  const train = async () => {
    model.current.add(tf.layers.dense({units, inputShape: [2]}));
    model.current.add(tf.layers.dense({units: classes}));
    model.current.compile({loss: 'meanSquaredError', optimizer: 'sgd'});
  };
  return <div><button onClick={() => train()}>Train</button></div>;
}`,
      'App.tsx',
    );
    assert.deepEqual(rows(model), ['Dense 8 24', 'Dense 4 36']);
    assert.equal(model.training.loss?.name, 'mean_squared_error');
  });

  it('build in functions that stand in their elements', async () => {
    const model = await readOne(
      `export const Page = () => <Panel render={() => <button onClick={() => { const m = ${dense('5')} m.summary(); }}>x</button>} />;`,
      'Page.jsx',
    );
    assert.deepEqual(rows(model), ['Dense 5 10']);
  });
});

describe('Networks that a script takes from elsewhere', () => {
  it('are read where everybody knows them: MobileNet of the size that its address says, cut and extended', async () => {
    const model = await readOne(`async function load() {
  const mobilenet = await tf.loadLayersModel('https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_0.25_224/model.json');
  const layer = mobilenet.getLayer('conv_pw_13_relu');
  return tf.model({inputs: mobilenet.inputs, outputs: layer.output});
}`);
    assert.deepEqual(model.inputShapes, [[null, 224, 224, 3]]);
    assert.deepEqual(model.outputShapes, [[null, 7, 7, 256]]);
    assert.ok(model.notes.some((n) => n.code === 'pretrained-weights'));
  });

  it('end in a note that says so otherwise', async () => {
    const text = `import * as tf from '@tensorflow/tfjs';
const base = await tf.loadLayersModel('indexeddb://mine');
const model = tf.model({inputs: base.inputs, outputs: base.getLayer('x').output});`;
    const { models, notes } = await readModelSource({ path: 'model.js', text });
    assert.equal(models.length, 0);
    assert.match(notes.find((n) => n.code === 'unknown-model')?.message ?? '', /a model that is loaded from elsewhere/);
  });
});

describe('Recurrent cells', () => {
  it('make the layer that is the same, one after the other where there are several', async () => {
    const one = await readOne(
      `tf.sequential({layers: [tf.layers.rnn({cell: tf.layers.lstmCell({units: 4}), returnSequences: true, inputShape: [5, 3]})]});`,
    );
    assert.deepEqual(rows(one), ['LSTM 5×4 128']);
    assert.equal(one.trainable, true);
    const cells = '[tf.layers.gruCell({units: 4}), tf.layers.simpleRNNCell({units: 2})]';
    for (const cell of [cells, `tf.layers.stackedRNNCells({cells: ${cells}})`]) {
      const several = await readOne(
        `tf.sequential({layers: [tf.layers.rnn({cell: ${cell}, inputShape: [5, 3]}), tf.layers.dense({units: 1})]});`,
      );
      assert.deepEqual(rows(several), ['GRU 5×4 96', 'SimpleRNN 2 14', 'Dense 1 3']);
    }
  });
});

describe('Scripts that compute rather than build', () => {
  it('are left after as many steps as building takes, with the models they began with', async () => {
    const text = `import * as tf from '@tensorflow/tfjs';
const population = [];
for (let i = 0; i < 500; i++) for (let k = 0; k < 500; k++) population.push(tf.sequential({layers: [tf.layers.dense({units: i + k + 1, inputShape: [2]})]}));
const model = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [2]})]});`;
    const { models } = await readModelSource({ path: 'model.js', text });
    assert.ok(models.length > 0 && models.length <= 60, String(models.length));
  });
});

describe('Values that are there only while a script runs', () => {
  it('do not hide the model that is built where none was stored', async () => {
    const built = `const m = tf.sequential(); m.add(tf.layers.dense({units: 3, inputShape: [2]})); return m;`;
    const ways = [
      `async function load() { try { const m = await tf.loadLayersModel('localstorage://m'); return m; } catch (e) { console.log(e); } ${built} }`,
      `async function load() { try { return await tf.loadLayersModel('localstorage://m'); } catch (e) { ${built} } }`,
      `async function load(name) { const all = await tf.io.listModels(); if (all[name]) { return tf.loadLayersModel(name); } ${built} }`,
      `async function load(name) { if (exists(name)) return tf.loadLayersModel(name); else { ${built} } }`,
    ];
    for (const way of ways) assert.deepEqual(rows(await readOne(way)), ['Dense 3 9'], way);
  });

  it('are asked for where a getter throws before data are loaded', async () => {
    const model = await readOne(`class Data {
  constructor() { this.rows = null; }
  get features() { if (this.rows == null) { throw new Error('load first'); } return this.rows[0].length; }
}
const data = new Data();
export function build() { return tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [data.features]})]}); }`);
    assert.deepEqual(rows(model), ['Dense 2 22']);
    assert.match(model.notes.find((n) => n.assumption)?.message ?? '', /"features", which is not there before something is loaded/);
  });

  it('are asked for where inputDim is one of them', async () => {
    const model = await readOne(
      `function build(pixels) { return tf.sequential({layers: [tf.layers.dense({units: 2, inputDim: pixels})]}); }`,
    );
    assert.deepEqual(rows(model), ['Dense 2 22']);
  });
});
