import type { Split } from '../../common/probeProtocol';
import type { Dataset } from '../../data/dataset';
import { emptyBatch, type Batch } from '../batches';

export function countOf({ info }: Dataset, split: Split): number {
  return { train: info.trainCount, validation: info.validationCount, test: info.testCount }[split];
}

/** Images that training has not seen, where there are any. */
export function heldOut(dataset: Dataset): Split {
  const { validationCount, testCount } = dataset.info;
  return validationCount > 0 ? 'validation' : testCount > 0 ? 'test' : 'train';
}

/** Reads images of a split as they are, without augmentation. */
export async function readImages(dataset: Dataset, split: Split, indices: ArrayLike<number>): Promise<Batch> {
  const batch = emptyBatch(dataset, indices.length);
  await dataset.read(split, indices, batch, null);
  return batch;
}

/** Numbers `from`, `from + 1`, … */
export function range(from: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => from + i);
}
