import { GRADIENT } from '../kernels/elementwiseKernels';
import { JOB } from '../kernels/jobs';
import type { Launch, Span } from '../kernels/launch';

// Words of the jobs below; see `kernels/assembly`.
const POOL = { x: 0, dx: 3, isRectified: 17 };
const BINARY = { x: 0, y: 1, out: 2, op: 5, xModulus: 7, yModulus: 8 };

/** Brings adjacent launches together where one job can do the work of both, to the same bits. */
export function fuse(launches: readonly Launch[]): Launch[] {
  const result = [...launches];
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

/** Whether a launch is the gradient of a relu with output `y`, of `dy`. */
function isReluGradient({ job, words }: Launch, dy: number, y: number): boolean {
  if (job !== JOB.binary || words[BINARY.op] !== GRADIENT.relu || words[BINARY.x] !== dy || words[BINARY.y] !== y) return false;
  return words[BINARY.xModulus] === 0 && words[BINARY.yModulus] === 0;
}

const overlaps = (a: Span, b: Span): boolean => a.at < b.at + b.bytes && b.at < a.at + a.bytes;
