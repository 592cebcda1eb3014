import { HostObject } from '../../python/hostObject';
import { host, int, native, numberOf, unknown, type Arguments, type Value } from '../../python/value';
import { argument } from '../arguments';
import { TorchDataset } from './torchDataset';

/** What batches of a loader carry along: where they come from. */
export class LoaderOrigin {
  constructor(
    readonly dataset: TorchDataset,
    readonly batchSize: number | null,
  ) {}
}

/** `DataLoader(dataset, batch_size)`: one batch stands for all. */
export class DataLoader extends HostObject {
  readonly description = 'a data loader';
  readonly dataset: TorchDataset | null;
  readonly batchSize: number | null;
  private readonly origin: LoaderOrigin | null;

  constructor(args: Arguments) {
    super();
    const dataset = argument(args, 0, 'dataset');
    this.dataset = dataset?.kind === 'host' && dataset.object instanceof TorchDataset ? dataset.object : null;
    const size = argument(args, 1, 'batch_size');
    this.batchSize = size ? numberOf(size) : 1;
    this.origin = this.dataset ? new LoaderOrigin(this.dataset, this.batchSize) : null;
  }

  override iterate(): Value[] | undefined {
    return this.dataset && this.origin ? [this.dataset.example(true, this.origin)] : undefined;
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'dataset') return this.dataset ? host(this.dataset) : unknown('the data set of a loader');
    if (name === 'batch_size') return this.batchSize === null ? unknown('the batch size') : int(this.batchSize);
    if (name === 'next' || name === '__next__') return native(name, () => this.iterate()?.[0] ?? unknown('a batch of data'));
    if (name === '__iter__') return native(name, () => host(this));
    return unknown(`"${name}" of a data loader`);
  }
}
