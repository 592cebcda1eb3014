import type { Reduction } from '../../src/common/planeReduction';
import type { WeightLayout, WeightTensor } from '../../src/common/weightFile';
import type { KernelValues, Progress, TensorSummary } from '../../src/common/weightsProtocol';
import type { FileTensor, ViewedFile, WeightsSnapshot } from '../../src/common/weightsViewProtocol';
import { Resources, type Resource } from './resources';
import type { WeightsChannel } from './weightsContext';

/** Values kept in the page: 256 MB of float32. */
const BUDGET = 1 << 26;

/** Values of a tensor as tiles: kernels, or a vector. */
export interface Tiles {
  /** [kh, kw, cin, filters] or [n] */
  shape: number[];
  values: Float32Array;
  /** The first kernel of `values`, and how many the tensor has. */
  first: number;
  filters: number;
}

/** A part of a plane in steps of `step` values. */
export interface BlockRequest extends FileTensor {
  rowAxis: number;
  columnAxis: number;
  at: number[];
  top: number;
  left: number;
  rows: number;
  columns: number;
  step: number;
  reduce: Reduction;
  /** Taken from the tensor. */
  minus?: FileTensor;
}

/** The files of the view and what has been read of them. */
export class WeightsData {
  snapshot: WeightsSnapshot | null = null;
  /** Of what takes long, by what it is for. */
  readonly progress = new Map<string, Progress>();
  private readonly jobs = new Map<number, string>();
  private nextJob = 1;
  private readonly tiles: Resources<Tiles>;
  private readonly blocks: Resources<Float32Array>;
  private readonly summaries: Resources<TensorSummary>;

  constructor(
    readonly channel: WeightsChannel,
    private readonly onChange: () => void,
  ) {
    this.tiles = new Resources(BUDGET, (t) => t.values.length, onChange);
    this.blocks = new Resources(BUDGET / 4, (b) => b.length, onChange);
    this.summaries = new Resources(10_000, () => 1, onChange);
    channel.on('didProgress', (progress) => {
      const key = this.jobs.get(progress.job);
      if (key) this.progress.set(key, progress);
      onChange();
    });
  }

  adopt(snapshot: WeightsSnapshot): void {
    const isOther = snapshot.generation !== this.snapshot?.generation;
    this.snapshot = snapshot;
    if (!isOther) return;
    this.tiles.clear();
    this.blocks.clear();
    this.summaries.clear();
  }

  file(index: number): ViewedFile | null {
    return this.snapshot?.files[index] ?? null;
  }

  tensor(file: number, name: string | null): WeightTensor | null {
    return this.file(file)?.info?.tensors.find((t) => t.name === name) ?? null;
  }

  /** Opens a file of a film when it has not been yet. */
  async openFile(index: number): Promise<void> {
    const { snapshot } = this;
    const file = snapshot?.files[index];
    if (!snapshot || !file || file.info || file.error) return;
    const opened = await this.channel.call('openFile', { file: index });
    if (this.snapshot === snapshot) snapshot.files[index] = opened;
    this.onChange();
  }

  kernels(ref: FileTensor, layout: WeightLayout, first: number): Resource<Tiles> {
    return this.tiles.get(`${ref.file} ${ref.tensor} ${layout} ${first}`, (signal) =>
      this.withJob(`tiles ${ref.tensor}`, async (job) =>
        tilesOf(await this.channel.call('kernels', { ...ref, layout, first, job }, signal)),
      ),
    );
  }

  /** One kernel of a file, for its history. */
  async kernel(ref: FileTensor, layout: WeightLayout, filter: number, signal: AbortSignal): Promise<Float32Array> {
    const known = this.tiles.peek(`${ref.file} ${ref.tensor} ${layout} 0`);
    if (known?.state === 'ready' && known.value.filters === known.value.shape[3]) {
      const { values, shape } = known.value;
      return Float32Array.from({ length: values.length / shape[3] }, (_, i) => values[i * shape[3] + filter]);
    }
    return tilesOf(await this.channel.call('kernels', { ...ref, layout, first: filter, count: 1 }, signal)).values;
  }

  /** Values first … first + count - 1 as a vector; `total` is how many there are. */
  vector(ref: FileTensor, first: number, count: number, total: number): Resource<Tiles> {
    return this.tiles.get(`${ref.file} ${ref.tensor} vector ${first}`, async (signal) => {
      const values = new Float32Array(await this.channel.call('values', { ...ref, start: first, end: first + count }, signal));
      return { shape: [count], values, first, filters: total };
    });
  }

  block(request: BlockRequest): Resource<Float32Array> {
    return this.blocks.get(blockKey(request), async (signal) => new Float32Array(await this.channel.call('plane', request, signal)));
  }

  /** Calls off blocks that are out of sight again. */
  keepBlocks(wanted: BlockRequest[]): void {
    const keys = new Set(wanted.map(blockKey));
    this.blocks.cancel((key) => keys.has(key));
  }

  summary(ref: FileTensor): Resource<TensorSummary> {
    return this.summaries.get(summaryKey(ref), (signal) =>
      this.withJob(summaryKey(ref), (job) => this.channel.call('summarise', { ...ref, job }, signal)),
    );
  }

  peekSummary(ref: FileTensor): TensorSummary | null {
    const found = this.summaries.peek(summaryKey(ref));
    return found?.state === 'ready' ? found.value : null;
  }

  /** Calls off statistics and tiles of other tensors than this one. */
  keepTensor(name: string | null): void {
    this.summaries.cancel((key) => key.endsWith(` ${name}`));
    this.tiles.cancel((key) => key.includes(` ${name} `));
  }

  /** Calls off the statistics of one tensor. */
  cancelSummary(ref: FileTensor): void {
    this.summaries.cancel((key) => key !== summaryKey(ref));
  }

  async withJob<T>(key: string, run: (job: number) => Promise<T>): Promise<T> {
    const job = this.nextJob++;
    this.jobs.set(job, key);
    try {
      return await run(job);
    } finally {
      this.jobs.delete(job);
      this.progress.delete(key);
    }
  }
}

export function summaryKey({ file, tensor }: FileTensor): string {
  return `${file} ${tensor}`;
}

function blockKey({ file, tensor, rowAxis, columnAxis, at, top, left, step, reduce, minus }: BlockRequest): string {
  return JSON.stringify([file, tensor, rowAxis, columnAxis, at, top, left, step, step > 1 && reduce, minus]);
}

function tilesOf({ shape, values, first, filters }: KernelValues): Tiles {
  return { shape, values: new Float32Array(values), first, filters };
}
