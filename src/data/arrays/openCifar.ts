import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ByteReader } from '../../weights/byteReader';
import { FileSource } from '../../weights/byteSource';
import { numpyTensor } from '../../weights/pickle/numpyPickle';
import { numbersOf, PickleBytes, PickleDict, PickleObject, type PickleValue } from '../../weights/pickle/pickleValue';
import { readPickle } from '../../weights/pickle/readPickle';
import { DataError } from '../dataError';
import { ArrayImageSet, type ImageSet, type SourceSets } from '../imageSet';
import { namedSets } from '../namedSets';
import { readWhole } from '../readWhole';
import { channelsLast } from './imagesOf';

const PIXELS = 3072;
const SHAPE = [32, 32, 3] as const;
const TRAIN = /^(data_batch_\d+|train)(\.bin)?$/;
const TEST = /^(test_batch|test)(\.bin)?$/;

interface Batch {
  pixels: Uint8Array;
  labels: number[];
}

/**
 * Opens CIFAR-10 or CIFAR-100 as published: Python batches (pickles, read without executing them) or binary files.
 * https://www.cs.toronto.edu/~kriz/cifar.html
 * @returns null when the folder holds neither
 * @throws DataError when a file is damaged.
 */
export async function openCifar(folder: string): Promise<SourceSets | null> {
  const names = (await fs.readdir(folder)).sort();
  const train = names.filter((n) => TRAIN.test(n));
  const test = names.filter((n) => TEST.test(n));
  const isCifar100 = names.some((n) => /^fine_label_names\.txt$/.test(n)) || (train.includes('train') && names.includes('meta'));
  const looksRight = train.some((n) => n.startsWith('data_batch_')) || isCifar100;
  if (train.length === 0 || !looksRight) return null;
  const read = (name: string): Promise<Batch> => {
    const file = path.join(folder, name);
    return name.endsWith('.bin') ? readBinary(file, isCifar100) : readPython(file);
  };
  const set = async (files: string[]): Promise<ImageSet> => join(await Promise.all(files.map(read)));
  const trainSet = await set(train);
  const testSet = test.length > 0 ? await set(test) : undefined;
  const classCount = Math.max(...[trainSet, testSet].map((s) => s?.labels.reduce((m, l) => Math.max(m, l + 1), 0) ?? 0));
  const cifar10 = namedSets.cifar10;
  return {
    name: isCifar100 ? 'CIFAR-100' : 'CIFAR-10',
    description: `${isCifar100 ? 'CIFAR-100' : 'CIFAR-10'} from ${folder}.`,
    isSynthetic: false,
    classNames:
      !isCifar100 && cifar10 ? cifar10.classNames : Array.from({ length: Math.max(classCount, isCifar100 ? 100 : 0) }, (_, i) => String(i)),
    train: trainSet,
    test: testSet,
    valueRange: 255,
    notes: [],
  };
}

/** One (CIFAR-100: two, the second being the fine one) label byte and 3072 pixel bytes per image. */
async function readBinary(file: string, isCifar100: boolean): Promise<Batch> {
  const bytes = await readWhole(file);
  const head = isCifar100 ? 2 : 1;
  const size = head + PIXELS;
  if (bytes.length % size !== 0)
    throw new DataError(file, `has ${bytes.length} bytes, not a multiple of the ${size} that an image takes`, 'download the file again');
  const count = bytes.length / size;
  const pixels = new Uint8Array(count * PIXELS);
  for (let i = 0; i < count; i++) pixels.set(bytes.subarray(i * size + head, (i + 1) * size), i * PIXELS);
  return { pixels, labels: Array.from({ length: count }, (_, i) => bytes[i * size + head - 1]) };
}

async function readPython(file: string): Promise<Batch> {
  const broken = (problem: string): never => {
    throw new DataError(file, problem, 'download and unpack the data set again');
  };
  const source = new FileSource(file, path.basename(file));
  try {
    const { value } = readPickle(new ByteReader(source));
    if (!(value instanceof PickleDict)) return broken('is no batch of CIFAR: it holds no dictionary');
    const data = entryOf(value, 'data');
    const labels = numbersOf(entryOf(value, 'labels') ?? entryOf(value, 'fine_labels'));
    const array = data instanceof PickleObject ? numpyTensor(data, 'data') : null;
    if (!array || typeof array.data === 'string' || array.shape[1] !== PIXELS) return broken('holds no images of 3072 bytes under "data"');
    if (!labels || labels.length !== array.shape[0]) return broken('has no label for every image');
    return { pixels: Uint8Array.from(array.data.read(0, array.shape[0] * PIXELS)), labels };
  } catch (error) {
    if (error instanceof Error && error.name === 'WeightError') return broken(error.message);
    throw error;
  } finally {
    source.close();
  }
}

/** An entry by its key, which is a text as published, and bytes where Python 3 wrote the batches again. */
function entryOf(dict: PickleDict, name: string): PickleValue | undefined {
  const isName = (key: PickleValue) =>
    key instanceof PickleBytes && key.length === name.length && Buffer.from(key.source.read(key.offset, key.length)).toString() === name;
  return dict.get(name) ?? [...dict.entries].find(([key]) => isName(key))?.[1];
}

function join(batches: Batch[]): ImageSet {
  const count = batches.reduce((n, b) => n + b.labels.length, 0);
  const values = new Uint8Array(count * PIXELS);
  let at = 0;
  for (const { pixels } of batches) {
    values.set(pixels, at);
    at += pixels.length;
  }
  // Stored as red, green and blue planes.
  const planes = { name: 'data', shape: [count, 3, 32, 32], values };
  return new ArrayImageSet(SHAPE, channelsLast(planes, SHAPE), Int32Array.from(batches.flatMap((b) => b.labels)));
}
