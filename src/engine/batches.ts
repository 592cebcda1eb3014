import { Random } from '../common/random';
import type { Dataset, Examples } from '../data/dataset';

export interface Batch extends Examples {
  count: number;
}

export interface BatchPlan {
  seed: number;
  batchSize: number;
  isShuffled: boolean;
  isAugmented: boolean;
}

/**
 * The training batches of a run by the number of their step. What a batch holds depends only on seed and step, so that a run can
 * go on from any step. The next batch is read while the current one trains.
 */
export class Batches {
  /** Steps in one pass over the training images; the last batch of a pass may be smaller. */
  readonly perPass: number;
  private order: { pass: number; indices: Uint32Array } | null = null;
  private ahead: { step: number; batch: Promise<Batch> } | null = null;
  constructor(
    private readonly dataset: Dataset,
    private readonly plan: BatchPlan,
  ) {
    this.perPass = Math.ceil(dataset.info.trainCount / plan.batchSize);
  }

  /** @param step counted from 0 */
  async read(step: number): Promise<Batch> {
    const ready = this.ahead?.step === step ? this.ahead.batch : this.load(step);
    const batch = await ready;
    const next = this.load(step + 1);
    // Whoever asks for it hears of its failure.
    next.catch(() => {});
    this.ahead = { step: step + 1, batch: next };
    return batch;
  }

  /** A step's batch once more, out of turn. */
  batchOf(step: number): Promise<Batch> {
    return this.load(step);
  }

  /** Numbers of the training images in a step's batch. */
  indicesOf(step: number): Uint32Array {
    const from = (step % this.perPass) * this.plan.batchSize;
    return this.orderOf(Math.floor(step / this.perPass)).subarray(from, from + this.plan.batchSize);
  }

  private async load(step: number): Promise<Batch> {
    const { seed, isAugmented } = this.plan;
    const indices = this.indicesOf(step);
    const batch = emptyBatch(this.dataset, indices.length);
    const augment = isAugmented ? Random.stream(seed, `augment/${step}`) : null;
    await this.dataset.read('train', indices, batch, augment);
    return batch;
  }

  private orderOf(pass: number): Uint32Array {
    if (this.order?.pass === pass) return this.order.indices;
    const count = this.dataset.info.trainCount;
    const indices = this.plan.isShuffled
      ? Random.stream(this.plan.seed, `shuffle/${pass}`).permutation(count)
      : Uint32Array.from({ length: count }, (_, i) => i);
    this.order = { pass, indices };
    return indices;
  }
}

/** The images of a split in order, batch by batch. */
export async function* batchesOf(dataset: Dataset, split: 'train' | 'validation' | 'test', batchSize: number): AsyncGenerator<Batch> {
  const { trainCount, validationCount, testCount } = dataset.info;
  const count = { train: trainCount, validation: validationCount, test: testCount }[split];
  for (let from = 0; from < count; from += batchSize) {
    const indices = Uint32Array.from({ length: Math.min(batchSize, count - from) }, (_, i) => from + i);
    const batch = emptyBatch(dataset, indices.length);
    await dataset.read(split, indices, batch, null);
    yield batch;
  }
}

/** Room for so many examples. */
export function emptyBatch({ info, maskSize }: Pick<Dataset, 'info' | 'maskSize'>, count: number): Batch {
  const size = info.inputShape.reduce((a, b) => a * b, 1);
  const batch = { count, inputs: new Float32Array(count * size), labels: new Int32Array(count) };
  return maskSize > 0 ? { ...batch, masks: new Float32Array(count * maskSize) } : batch;
}
