import { bytesOf, tensorName, type SavedFile, type SavedModel } from './savedModel';

/** Shards of at most 4 MiB, as TensorFlow.js's converter makes them, so that browsers keep them in their caches. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** `model.json` and its weight shards, as `tf.loadLayersModel` takes them. */
export function tfjsFiles(model: SavedModel): SavedFile[] {
  const total = model.tensors.reduce((sum, t) => sum + t.values.byteLength, 0);
  const all = new Uint8Array(total);
  let at = 0;
  for (const t of model.tensors) {
    all.set(bytesOf(t.values), at);
    at += t.values.byteLength;
  }
  const count = Math.max(1, Math.ceil(total / SHARD_BYTES));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const json = {
    format: 'layers-model',
    generatedBy: 'Kernelscope',
    convertedBy: null,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: model.topology },
    weightsManifest: [{ paths, weights: model.tensors.map((t) => ({ name: tensorName(t), shape: t.shape, dtype: 'float32' })) }],
  };
  return [
    { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
    ...paths.map((name, i) => ({ name, bytes: all.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES) })),
  ];
}
