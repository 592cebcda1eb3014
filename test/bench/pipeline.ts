// What a folder of JPEGs costs: the first epoch, while images are decoded, beside decoding alone; later epochs beside the same images from
// memory, in turns: node --import tsx test/bench/pipeline.ts [IMAGES] [PIXELS] [BATCH] [ROUNDS]
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { encode } from 'jpeg-js';
import { Random } from '../../src/common/random';
import type { Dataset } from '../../src/data/dataset';
import { embeddedSets } from '../../src/data/embedded/embeddedSets';
import { openDataset } from '../../src/data/openDataset';
import { startBackend } from '../../src/engine/backend';
import { Batches } from '../../src/engine/batches';
import { TrainStep } from '../../src/engine/trainStep';
import { networkFrom } from './networkFrom';

/** As many pictures are drawn; further files are copies of them, which take as long to decode. */
const DRAWN = 100;

/** Pictures of two classes with the noise of photographs, in a folder per class. */
async function writeImages(folder: string, count: number, size: number): Promise<void> {
  const { train } = embeddedSets('shapes', [size, size, 3], 2);
  const values = new Float32Array(size * size * 3);
  const random = Random.stream(1, 'photographs');
  for (const name of ['0', '1']) fs.mkdirSync(path.join(folder, name));
  const fileOf = (i: number): string => path.join(folder, String(train.labels[i % DRAWN]), `${i}.jpg`);
  for (let i = 0; i < Math.min(count, DRAWN); i++) {
    await train.copyTo(i, values, 0);
    const data = Buffer.alloc(size * size * 4, 255);
    for (let p = 0; p < size * size; p++)
      for (let c = 0; c < 3; c++) data[4 * p + c] = Math.max(0, Math.min(255, values[3 * p + c] + random.uniform(-12, 12)));
    fs.writeFileSync(fileOf(i), encode({ width: size, height: size, data }, 85).data);
  }
  for (let i = DRAWN; i < count; i++) fs.copyFileSync(fileOf(i % DRAWN), fileOf(i));
}

/** The training images of a data set, prepared and kept in memory. */
async function inMemory(dataset: Dataset): Promise<Dataset> {
  const { trainCount, inputShape } = dataset.info;
  const size = inputShape.reduce((a, b) => a * b);
  const [pixels, classes] = [new Float32Array(trainCount * size), new Int32Array(trainCount)];
  await dataset.read(
    'train',
    Int32Array.from({ length: trainCount }, (_, i) => i),
    { inputs: pixels, labels: classes },
    null,
  );
  return {
    info: dataset.info,
    maskSize: 0,
    read(_split, indices, { inputs, labels }) {
      for (let i = 0; i < indices.length; i++) {
        inputs.set(pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
        labels[i] = classes[indices[i]];
      }
    },
    dispose() {},
  };
}

async function main(): Promise<void> {
  const [images = 2000, pixels = 256, batchSize = 32, rounds = 5] = process.argv.slice(2).map(Number);
  await startBackend('wasm');
  const ready = await networkFrom(fs.readFileSync(path.join(__dirname, 'models/b.py'), 'utf8'));
  const step = new TrainStep(ready.network, ready.optimizer);
  const inputShape = ready.geometry.imageShape;
  step.prepare(
    batchSize,
    inputShape.reduce((a, b) => a * b),
  );
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-pipeline-'));
  const open = (): Promise<Dataset> =>
    openDataset(
      { kind: 'path', path: folder },
      { inputShape, spec: ready.spec.data, limit: null, seed: 1, validationSplit: null, classCount: 2 },
    );
  let iteration = 0;
  /** Seconds of training on a whole epoch. */
  const epoch = async (batches: Batches): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < batches.perPass; i++) step.run(await batches.read(iteration), 0.0001, ++iteration, () => 'nothing');
    return (performance.now() - started) / 1000;
  };
  const batchesOf = (dataset: Dataset): Batches => new Batches(dataset, { seed: 1, batchSize, isShuffled: true, isAugmented: false });
  try {
    await writeImages(folder, images, pixels);
    const line = (what: string, seconds: number, count: number): void =>
      console.log(what.padEnd(44), `${seconds.toFixed(2)} s`.padStart(10), `${(count / seconds).toFixed(0)} images/s`.padStart(18));
    console.log(`${images} JPEGs of ${pixels} × ${pixels}, model B at batch ${batchSize}, ${os.availableParallelism()} cores`);
    const decoding = await open();
    const { trainCount } = decoding.info;
    const started = performance.now();
    const memory = await inMemory(decoding);
    line('decoding all images, nothing else', (performance.now() - started) / 1000, trainCount);
    decoding.dispose?.();
    const [ours, theirs] = [batchesOf(await open()), batchesOf(memory)];
    line('first epoch from the folder', await epoch(ours), trainCount);
    await epoch(theirs);
    const times: [number, number][] = [];
    for (let i = 0; i < rounds; i++) {
      const first = i % 2 === 0 ? await epoch(ours) : NaN;
      const other = await epoch(theirs);
      times.push([i % 2 === 0 ? first : await epoch(ours), other]);
    }
    const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
    line(`later epochs from the folder, median of ${rounds}`, median(times.map(([a]) => a)), trainCount);
    line('the same from memory', median(times.map(([, b]) => b)), trainCount);
    console.log(`from the folder is ${(100 * (median(times.map(([a, b]) => a / b)) - 1)).toFixed(1)} % slower (median of pairs)`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  process.exit(0);
}
void main();
