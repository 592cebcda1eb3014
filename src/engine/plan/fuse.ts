import { VIRTUAL } from '../kernels/arena';
import { GRADIENT } from '../kernels/elementwiseKernels';
import { JOB } from '../kernels/jobs';
import type { Launch, Span } from '../kernels/launch';
import { convolutionOutput, fromWinners, isPoolingOf, poolAtOnce, pooledGradOf, winnerBytes } from '../kernels/pooledOutput';

// Words of the jobs below; see `kernels/assembly`.
const POOL = { x: 0, dx: 3, isRectified: 17 };
const POOLED = { map: 7, sums: 21, filter: 22, dx: 23 };
const BINARY = { x: 0, y: 1, out: 2, op: 5, xModulus: 7, yModulus: 8 };

/**
 * Brings launches together where one job can do the work of both, and leaves out what nobody reads, to the same bits.
 * @param kept memory that is read after the step
 * @param take gives the address of so many bytes that belong to the step
 */
export function fuse(launches: readonly Launch[], kept: readonly Span[], take: (bytes: number) => number): Launch[] {
  const result = poolAtOnceWhere(withoutUnread(joinPooledGradients(launches), kept), kept, take);
  for (let i = 0; i < result.length; i++) {
    const pool = result[i];
    if (pool.job !== JOB.maxPoolGrad || pool.words[POOL.isRectified] !== 0) continue;
    const next = result.findIndex((l) => isReluGradient(l, pool.words[POOL.dx], pool.words[POOL.x]));
    if (next < 0 || result.some((l, k) => k !== next && l.reads.some((r) => overlaps(r, pool.writes[0])))) continue;
    const words = [...pool.words];
    words[POOL.dx] = result[next].words[BINARY.out];
    words[POOL.isRectified] = 1;
    result[i] = { ...pool, words, writes: result[next].writes };
    result.splice(next, 1);
  }
  return result;
}

/** Convolutions whose outputs only a pooling by 2×2 reads, and gradients that ask which of them won, pool them themselves. */
function poolAtOnceWhere(launches: readonly Launch[], kept: readonly Span[], take: (bytes: number) => number): Launch[] {
  let result = [...launches];
  for (const convolution of launches) {
    const y = convolutionOutput(convolution);
    const [map] = convolution.writes;
    if (y === undefined || !isOwn(map) || kept.some((k) => overlaps(k, map))) continue;
    const readers = result.filter((l) => l.reads.some((r) => overlaps(r, map)));
    const pool = readers.find((l) => isPoolingOf(l, y));
    const gradients = readers.filter((l) => pooledGradOf(l, y));
    if (!pool || gradients.length + 1 < readers.length) continue;
    const isRectified = gradients.some((l) => pooledGradOf(l, y)!.isRectified);
    if (gradients.some((l) => pooledGradOf(l, y)!.isRectified !== isRectified)) continue;
    const bytes = winnerBytes(pool);
    const winners = gradients.length > 0 ? take(bytes) : 0;
    const fused = poolAtOnce(convolution, pool, winners, isRectified);
    result = result.flatMap((l) => {
      if (l === pool) return [];
      if (l === convolution) return [fused];
      return [gradients.includes(l) ? fromWinners(l, winners, bytes) : l];
    });
  }
  return result;
}

/** Whether memory belongs to the step alone. */
const isOwn = ({ at }: Span): boolean => at >= VIRTUAL;

/** Launches but for those whose results are read by no later one. */
function withoutUnread(launches: readonly Launch[], kept: readonly Span[]): Launch[] {
  const read = [...kept];
  const result: Launch[] = [];
  for (const launch of [...launches].reverse()) {
    if (launch.writes.every((w) => isOwn(w) && !read.some((r) => overlaps(r, w)))) continue;
    read.push(...launch.reads);
    result.push(launch);
  }
  return result.reverse();
}

/** The gradients of a filter and of the input list the same winners: one launch does for both. */
function joinPooledGradients(launches: readonly Launch[]): Launch[] {
  const result = [...launches];
  for (let i = 0; i < result.length; i++) {
    const one = result[i];
    if (one.job !== JOB.pooledGrad) continue;
    const j = result.findIndex((l, k) => k > i && l.job === JOB.pooledGrad && haveSameWinners(one, l));
    if (j < 0) continue;
    const [filterGrad, inputGrad] = one.words[POOLED.sums] !== 0 ? [one, result[j]] : [result[j], one];
    const words = [...filterGrad.words];
    words[POOLED.filter] = inputGrad.words[POOLED.filter];
    words[POOLED.dx] = inputGrad.words[POOLED.dx];
    const reads = [...filterGrad.reads, ...inputGrad.reads.filter((r) => !filterGrad.reads.some((q) => q.at === r.at))];
    const joined: Launch = { ...filterGrad, words, reads, writes: [...filterGrad.writes, ...inputGrad.writes] };
    // What the later one reads must be there by then.
    if (result.slice(i, j).some((l) => l.writes.some((w) => joined.reads.some((r) => overlaps(r, w))))) continue;
    result[i] = joined;
    result.splice(j, 1);
  }
  return result;
}

function haveSameWinners(a: Launch, b: Launch): boolean {
  const [sumsA, sumsB] = [a.words[POOLED.sums], b.words[POOLED.sums]];
  return (sumsA === 0) !== (sumsB === 0) && a.words.slice(POOLED.map, POOLED.sums).every((word, i) => word === b.words[POOLED.map + i]);
}

/** Whether a launch is the gradient of a relu with output `y`, of `dy`. */
function isReluGradient({ job, words }: Launch, dy: number, y: number): boolean {
  if (job !== JOB.binary || words[BINARY.op] !== GRADIENT.relu || words[BINARY.x] !== dy || words[BINARY.y] !== y) return false;
  return words[BINARY.xModulus] === 0 && words[BINARY.yModulus] === 0;
}

const overlaps = (a: Span, b: Span): boolean => a.at < b.at + b.bytes && b.at < a.at + a.bytes;
