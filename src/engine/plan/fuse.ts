import { VIRTUAL } from '../kernels/arena';
import { GRADIENT } from '../kernels/elementwiseKernels';
import { JOB, type Job } from '../kernels/jobs';
import type { Launch, Span } from '../kernels/launch';
import { convolutionOutput, fromWinners, isPoolingOf, poolAtOnce, pooledGradOf, winnerBytes } from '../kernels/pooledOutput';
import { Lists, overlaps, readersOf, regionsOf } from './regions';

// Words of the jobs below; see `kernels/assembly`.
const POOL = { x: 0, dx: 3, isRectified: 17 };
const POOLED = { map: 7, sums: 21, filter: 22, dx: 23 };
const BINARY = { x: 0, y: 1, out: 2, op: 5, xModulus: 7, yModulus: 8 };

/** What becomes of launches; null: another does their work. */
type Changes = Map<Launch, Launch | null>;

const changed = (launches: readonly Launch[], changes: Changes): Launch[] =>
  launches.flatMap((l) => (changes.has(l) ? (changes.get(l) ?? []) : l));

/**
 * Brings launches together where one job can do the work of both, and leaves out what nobody reads, to the same bits.
 * @param kept memory that is read after the step
 * @param take gives the address of so many bytes that belong to the step
 */
export function fuse(launches: readonly Launch[], kept: readonly Span[], take: (bytes: number) => number): Launch[] {
  const needed = withoutUnread(joinPooledGradients(packOnce(launches, kept)), kept);
  return rectifyAtOnce(poolAtOnceWhere(needed, kept, take));
}

/** Gradients of max pooling whose only reader is the relu's gradient below compute that instead. */
function rectifyAtOnce(launches: readonly Launch[]): Launch[] {
  const readers = readersOf(launches);
  const changes: Changes = new Map();
  for (const pool of launches) {
    if (pool.job !== JOB.maxPoolGrad || pool.words[POOL.isRectified] !== 0) continue;
    const [next, ...others] = readers(pool.writes[0]);
    if (!next || others.length > 0 || !isReluGradient(next, pool.words[POOL.dx], pool.words[POOL.x])) continue;
    const words = [...pool.words];
    words[POOL.dx] = next.words[BINARY.out];
    words[POOL.isRectified] = 1;
    changes.set(pool, { ...pool, words, writes: next.writes });
    changes.set(next, null);
  }
  return changed(launches, changes);
}

/** Convolutions whose outputs only a pooling by 2×2 reads, and gradients that ask which of them won, pool them themselves. */
function poolAtOnceWhere(launches: readonly Launch[], kept: readonly Span[], take: (bytes: number) => number): Launch[] {
  const readersOfMap = readersOf(launches);
  const changes: Changes = new Map();
  for (const convolution of launches) {
    const y = convolutionOutput(convolution);
    const [map] = convolution.writes;
    if (y === undefined || !isOwn(map) || kept.some((k) => overlaps(k, map))) continue;
    const readers = readersOfMap(map);
    const pool = readers.find((l) => isPoolingOf(l, y));
    const gradients = readers.filter((l) => pooledGradOf(l, y));
    if (!pool || gradients.length + 1 < readers.length) continue;
    const isRectified = gradients.some((l) => pooledGradOf(l, y)!.isRectified);
    if (gradients.some((l) => pooledGradOf(l, y)!.isRectified !== isRectified)) continue;
    const bytes = winnerBytes(pool);
    const winners = gradients.length > 0 ? take(bytes) : 0;
    changes.set(convolution, poolAtOnce(convolution, pool, winners, isRectified));
    changes.set(pool, null);
    for (const l of gradients) changes.set(l, fromWinners(l, winners, bytes));
  }
  return changed(launches, changes);
}

/** Whether memory belongs to the step alone. */
const isOwn = ({ at }: Span): boolean => at >= VIRTUAL;

/** Launches but for those whose results are read by no later one. */
function withoutUnread(launches: readonly Launch[], kept: readonly Span[]): Launch[] {
  const regionOf = regionsOf(launches, kept);
  const read = new Lists<number, Span>();
  const note = (span: Span): void => read.add(regionOf(span), span);
  kept.forEach(note);
  const result: Launch[] = [];
  for (const launch of [...launches].reverse()) {
    if (launch.writes.every((w) => isOwn(w) && !read.of(regionOf(w)).some((r) => overlaps(r, w)))) continue;
    launch.reads.forEach(note);
    result.push(launch);
  }
  return result.reverse();
}

/** Jobs that only put a matrix into another order. */
const PACKS: readonly Job[] = [JOB.pack, JOB.packTurned, JOB.packRuns, JOB.winogradFilter];

/** A matrix that several products use as it is, such as a recurrent layer's in every time step, is packed for the first of them. */
function packOnce(launches: readonly Launch[], kept: readonly Span[]): Launch[] {
  const regionOf = regionsOf(launches, kept);
  /** How often a region was written so far. */
  const versions = new Map<number, number>();
  const packed = new Map<string, number>();
  const moved = new Map<number, number>();
  const now = (at: number): number => moved.get(at) ?? at;
  const result: Launch[] = [];
  for (const launch of launches) {
    const [out] = launch.writes;
    if (PACKS.includes(launch.job) && isOwn(out) && !kept.some((k) => overlaps(k, out))) {
      const states = launch.reads.map((r) => `${r.at}@${versions.get(regionOf(r)) ?? 0}`);
      const key = [launch.job, launch.words.map((w) => (w === out.at ? 'out' : w)), states].join();
      const before = packed.get(key);
      if (before !== undefined) {
        moved.set(out.at, before);
        continue;
      }
      packed.set(key, out.at);
    }
    for (const w of launch.writes) versions.set(regionOf(w), (versions.get(regionOf(w)) ?? 0) + 1);
    const isMoved = launch.reads.some((r) => moved.has(r.at));
    result.push(isMoved ? { ...launch, words: launch.words.map(now), reads: launch.reads.map((r) => ({ ...r, at: now(r.at) })) } : launch);
  }
  return result;
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
