import * as tfc from '@tensorflow/tfjs-core';
import { Random } from '../common/random';
import type { LayerActivity } from '../common/trainingProtocol';
import type { Dataset } from '../data/dataset';
import { batchesOf, type Batch } from './batches';
import type { Network } from './network';
import { copyValues } from './tensorMemory';
import { currentWeights, withWeights } from './probes/probeState';
import { besideGpu } from './webgpu/beside';

/** Positions kept per image of a layer's maps, and all in all: enough for a correlation, little to send. */
const MAX_SAMPLES = 4096;
const BATCH = 64;

/**
 * What layers make of the first images of the test set, or of the validation set when there is none: the same images for every run on
 * the same data, so that runs can be compared.
 */
export async function layerActivity(
  network: Network,
  dataset: Dataset,
  layers: readonly string[],
  wanted: number,
): Promise<{ images: number; layers: LayerActivity[] }> {
  const { testCount, validationCount } = dataset.info;
  const split = testCount > 0 ? 'test' : 'validation';
  const images = Math.min(wanted, split === 'test' ? testCount : validationCount);
  const collected = layers.map(() => [] as { count: number; positions: number; units: number; values: Float32Array }[]);
  let seen = 0;
  const weights = await currentWeights(network.built);
  for await (const batch of batchesOf(dataset, split, BATCH)) {
    if (seen >= images) break;
    const part = first(batch, images - seen);
    seen += part.count;
    const look = (): void =>
      network.activations(part, layers).forEach((made, i) => {
        const units = made.shape.at(-1) ?? 1;
        collected[i].push({ count: part.count, positions: made.size / part.count / units, units, values: copyValues(made) });
      });
    withWeights(network.built, weights, network.built.clock.step, () => tfc.tidy(look));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return besideGpu([], () => ({ images, layers: layers.map((layer, i) => summarise(layer, collected[i], images)) }));
}

function summarise(
  layer: string,
  parts: { count: number; positions: number; units: number; values: Float32Array }[],
  images: number,
): LayerActivity {
  const { positions, units } = parts[0] ?? { positions: 0, units: 0 };
  const features = positions * units;
  const gram = tfc.tidy(() => {
    const x = tfc.concat(parts.map((p) => tfc.tensor2d(p.values, [p.count, features])));
    return copyValues(tfc.matMul(x, x, false, true));
  });
  const kept = Math.max(1, Math.min(positions, Math.floor(MAX_SAMPLES / images)));
  const samples = new Float32Array(images * kept * units);
  const random = Random.stream(0, `samples/${layer}`);
  let at = 0;
  for (const part of parts)
    for (let image = 0; image < part.count; image++)
      for (let k = 0; k < kept; k++) {
        const from = image * features + (kept === positions ? k : random.integer(positions)) * units;
        samples.set(part.values.subarray(from, from + units), at);
        at += units;
      }
  return { layer, units, gram, samples };
}

function first(batch: Batch, count: number): Batch {
  if (batch.count <= count) return batch;
  const size = batch.inputs.length / batch.count;
  const masks = batch.masks?.subarray(0, (batch.masks.length / batch.count) * count);
  return { count, inputs: batch.inputs.subarray(0, count * size), labels: batch.labels.subarray(0, count), ...(masks && { masks }) };
}
