import * as assert from 'node:assert/strict';
import type { ModelSpec } from '../../../../src/common/modelSpec';
import { readModelSource } from '../../../../src/model/readModelSource';

/** The one model of a script that imports TF.js. */
export async function readOne(text: string, path = 'model.ts'): Promise<ModelSpec> {
  const source = await readModelSource({ path, text: `import * as tf from '@tensorflow/tfjs';\n${text}` });
  assert.equal(source.models.length, 1, `${source.models.map((m) => m.name).join(', ')} ${source.notes.map((n) => n.message).join(' ')}`);
  return source.models[0];
}

/** Its layers, one a row: class, output shape without the batch, parameters. */
export const rows = (model: ModelSpec): string[] =>
  model.layers.map((l) => `${l.className} ${l.outputShape.slice(1).join('×')} ${l.params}`);
