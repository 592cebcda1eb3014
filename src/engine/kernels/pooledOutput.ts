import { JOB, type Job } from './jobs';
import { type Launch, perItem } from './launch';
import { evenBlock, TILE } from './winograd';

/** Of the jobs that can pool their output at once: the word with its address, where those about the pooling begin, rows in a strip. Direct ones need none. */
const CONVOLUTIONS: Partial<Record<Job, { y: number; pooled: number; rows(words: readonly number[]): number }>> = {
  [JOB.convolution]: { y: 13, pooled: 17, rows: () => 0 },
  [JOB.winograd]: { y: 17, pooled: 22, rows: (words) => 4 * words[10] },
};

// Words of the jobs below; see `assembly/pooling.ts` and `assembly/pooledGradient.ts`.
const POOL = { x: 0, y: 1, w: 5, c: 6, outH: 15, outW: 16, isTwoByTwo: 18 };
const POOLED_GRAD = { map: 7, isRectified: 15, areWinners: 25 };

/** The words of a convolution whose output is not pooled at once. */
export const NOT_POOLED = [0, 0, 0, 0, 0, 0];

// Words of Winograd's convolutions; see `assembly/winograd.ts`.
const WINOGRAD = { high: 8, wide: 9, block: 10, dilationH: 11, dilationW: 12, outH: 18, outW: 19 };

/** Address of the output of a convolution that can pool it at once; undefined for any other launch, and for one that does so already. */
export function convolutionOutput({ job, words }: Launch): number | undefined {
  const at = CONVOLUTIONS[job];
  // Tiles of dilated ones are not rows of the output.
  if (job === JOB.winograd && (words[WINOGRAD.dilationH] !== 1 || words[WINOGRAD.dilationW] !== 1)) return undefined;
  return at && words[at.pooled] === 0 ? words[at.y] : undefined;
}

/** Whether a launch pools the memory at `x` by 2×2. */
export function isPoolingOf({ job, words }: Launch, x: number): boolean {
  return job === JOB.maxPool && words[POOL.x] === x && words[POOL.isTwoByTwo] !== 0;
}

/** Whether a launch computes gradients under the pooling of `map`: undefined if not, otherwise whether only positive maxima count. */
export function pooledGradOf({ job, words }: Launch, map: number): { isRectified: boolean } | undefined {
  if (job !== JOB.pooledGrad || words[POOLED_GRAD.map] !== map) return undefined;
  return { isRectified: words[POOLED_GRAD.isRectified] !== 0 };
}

/** Bytes of a pooling's winners, one for every maximum. */
export function winnerBytes({ items, words }: Launch): number {
  return items * words[POOL.outH] * words[POOL.outW] * words[POOL.c];
}

/**
 * A convolution and the pooling of its output as one launch, which pools rows while they are in the cache: the output itself is nowhere.
 * @param winners address of a byte per maximum, which says where in its window it was (`assembly/poolTwo.ts`); 0: nobody asks
 * @param isRectified whether only positive maxima have winners
 */
export function poolAtOnce(convolution: Launch, pool: Launch, winners: number, isRectified: boolean): Launch {
  const { y, pooled, rows } = CONVOLUTIONS[convolution.job]!;
  const { items } = convolution;
  const [height, width] = [pool.words[POOL.outH], pool.words[POOL.outW]];
  const strip = Math.ceil((convolution.scratch ?? 0) / 64) * 64;
  const words = [...convolution.words];
  words[y] = 0;
  if (convolution.job === JOB.winograd) {
    // An odd last row or column is in no window.
    [words[WINOGRAD.outH], words[WINOGRAD.outW]] = [2 * height, 2 * width];
    [words[WINOGRAD.high], words[WINOGRAD.wide]] = [height, width].map((n) => Math.ceil((2 * n) / TILE));
    words[WINOGRAD.block] = evenBlock(words[WINOGRAD.high], words[WINOGRAD.block]);
  }
  words.splice(pooled, NOT_POOLED.length, pool.words[POOL.y], winners, height, width, isRectified ? 1 : 0, strip);
  return {
    ...convolution,
    words,
    writes: [...pool.writes, ...(winners ? [perItem(winners, items, winnerBytes(pool) / items)] : [])],
    scratch: strip + rows(convolution.words) * pool.words[POOL.w] * pool.words[POOL.c] * 4,
  };
}

/** Gradients under a pooling, from its winners instead of what was pooled. */
export function fromWinners(grad: Launch, winners: number, bytes: number): Launch {
  const words = [...grad.words];
  const map = words[POOLED_GRAD.map];
  words[POOLED_GRAD.map] = winners;
  words[POOLED_GRAD.areWinners] = 1;
  return { ...grad, words, reads: grad.reads.map((r) => (r.at === map ? perItem(winners, grad.items, bytes / grad.items) : r)) };
}
