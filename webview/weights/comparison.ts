import { isOfStep } from '../../src/common/frame';
import { isSameShape, matchTensors, type TensorPair } from '../../src/common/matchTensors';
import type { TensorDifference } from '../../src/common/weightsProtocol';
import type { WeightsData } from './weightsData';

/** What became of a tensor from the first file to the second. */
export type PairState =
  | { kind: 'pending' }
  | { kind: 'difference'; difference: TensorDifference }
  | { kind: 'onlyA' | 'onlyB' | 'shape' }
  | { kind: 'failed'; message: string };

/** Comparisons under way: the thread does one after the other, but need not wait for the next to be asked for. */
const AT_ONCE = 8;
const PATIENCE_MS = 500;

/** Two files beside each other: which tensors belong together and how they differ, worked out one after the other. */
export class Comparison {
  pairs: TensorPair[] = [];
  private states = new Map<string, PairState>();
  private abort: AbortController | null = null;
  private begun = 0;

  constructor(
    private readonly data: WeightsData,
    private readonly onChange: () => void,
  ) {}

  /** Starts over, with the files as they are now. */
  start(): void {
    this.abort?.abort();
    this.abort = null;
    this.pairs = [];
    this.states = new Map();
    const [a, b] = this.data.snapshot?.files ?? [];
    if (this.data.snapshot?.mode !== 'compare' || !a?.info || !b?.info) return;
    this.pairs = matchTensors(a.info.tensors, b.info.tensors);
    this.goOn();
  }

  /** True while tensors are being compared. */
  get isRunning(): boolean {
    return this.abort !== null && !this.isDone;
  }

  /** True when that takes long enough to think of stopping it. */
  get isSlow(): boolean {
    return this.isRunning && performance.now() - this.begun > PATIENCE_MS;
  }

  /** Calls off what has not been compared yet. */
  stop(): void {
    this.abort?.abort();
    this.abort = null;
    this.onChange();
  }

  /** Compares what has not been compared yet. */
  goOn(): void {
    this.abort = new AbortController();
    this.begun = performance.now();
    void this.run(this.abort.signal);
    this.onChange();
  }

  pairOf(name: string | null): TensorPair | null {
    return this.pairs.find((p) => (p.a ?? p.b)?.name === name) ?? null;
  }

  stateOf(name: string): PairState {
    return this.states.get(name) ?? { kind: 'pending' };
  }

  get isDone(): boolean {
    return this.states.size === this.pairs.length;
  }

  /** How much a tensor changed, for sorting: what only one file has counts most, what is not known yet least, what tells of a step less. */
  weightOf(name: string): number {
    return isOfStep(name) ? Math.min(this.changeOf(name), 1e6) / 1e6 - 3 : this.changeOf(name);
  }

  private changeOf(name: string): number {
    const state = this.stateOf(name);
    if (state.kind === 'difference') return relativeChange(state.difference);
    return state.kind === 'pending' ? -1 : Infinity;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { states } = this;
    const pairs = this.pairs.filter((p) => !states.has((p.a ?? p.b)?.name ?? ''));
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < pairs.length && !signal.aborted) {
        const pair = pairs[next++];
        const state = await this.compare(pair, signal);
        if (signal.aborted) return;
        states.set((pair.a ?? pair.b)?.name ?? '', state);
        this.onChange();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private async compare({ a, b }: TensorPair, signal: AbortSignal): Promise<PairState> {
    if (!a || !b) return { kind: a ? 'onlyA' : 'onlyB' };
    if (!isSameShape(a, b)) return { kind: 'shape' };
    const unreadable = a.unreadable ?? b.unreadable;
    if (unreadable !== null) return { kind: 'failed', message: unreadable };
    try {
      const refs = { a: { file: 0, tensor: a.name }, b: { file: 1, tensor: b.name } };
      const difference = await this.data.withJob(`difference ${a.name}`, (job) =>
        this.data.channel.call('difference', { ...refs, job }, signal),
      );
      return { kind: 'difference', difference };
    } catch (error) {
      return { kind: 'failed', message: (error as Error).message };
    }
  }
}

/** Length of the difference over the length of the tensor before; infinite when that was zero. */
export function relativeChange({ norm, normA }: TensorDifference): number {
  return norm === 0 ? 0 : normA > 0 ? norm / normA : Infinity;
}
