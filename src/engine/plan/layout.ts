import type { Block } from '../kernels/arena';
import type { Launch, Span } from '../kernels/launch';
import type { Phase } from './schedule';

const LINE = 64;

/** Where blocks of memory lie from the beginning of one common stretch. */
export interface Layout {
  readonly bytes: number;
  /** Offset of a block by its address; blocks that nothing touches have none. */
  readonly offsets: ReadonlyMap<number, number>;
}

interface Lifetime extends Block {
  first: number;
  last: number;
}

/**
 * Lays blocks out so that those share memory which are never needed in the same phase. The largest come first, each as low as it fits
 * between those placed (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference": greedy by size).
 * @param kept blocks that are needed before the first and after the last phase
 */
export function layOut(phases: readonly Phase[], blocks: readonly Block[], kept: ReadonlySet<number>): Layout {
  const aliases = overwrites(phases, blocks, kept);
  const lifetimes = lifetimesOf(phases, blocks, kept, aliases).sort((a, b) => b.bytes - a.bytes || a.at - b.at);
  const offsets = new Map<number, number>();
  /** From the lowest address up. */
  const placed: Placed[] = [];
  let total = 0;
  for (const block of lifetimes) {
    let offset = 0;
    for (const other of placed) {
      if (other.first > block.last || block.first > other.last) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = Math.max(offset, other.end);
    }
    const end = Math.ceil((offset + block.bytes) / LINE) * LINE;
    placed.splice(firstAbove(placed, offset), 0, { first: block.first, last: block.last, offset, end });
    offsets.set(block.at, offset);
    total = Math.max(total, end);
  }
  for (const [block, under] of aliases) offsets.set(block, offsets.get(under)!);
  return { bytes: total, offsets };
}

interface Placed {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
  /** Where the next line begins. */
  readonly end: number;
}

/** Index of the first block above an offset. */
function firstAbove(placed: readonly Placed[], offset: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One launch's use of a block. */
interface Use {
  phase: number;
  lane: number;
  index: number;
  isWrite: boolean;
}

/**
 * Blocks that are written over one of the same size that nobody needs any more, in the launch that reads it last: by the address of the
 * block, the address of the one whose memory it gets.
 */
function overwrites(phases: readonly Phase[], blocks: readonly Block[], kept: ReadonlySet<number>): Map<number, number> {
  const sizes = new Map(blocks.map((b) => [b.at, b.bytes]));
  const uses = new Map<number, Use[]>();
  const note = (at: number, use: Use): void => void (uses.get(at)?.push(use) ?? uses.set(at, [use]));
  phases.forEach((lanes, phase) =>
    lanes.forEach(({ launches }, lane) =>
      launches.forEach(({ reads, writes }, index) => {
        for (const s of reads) note(s.at, { phase, lane, index, isWrite: false });
        for (const s of writes) note(s.at, { phase, lane, index, isWrite: true });
      }),
    ),
  );
  const aliases = new Map<number, number>();
  const taken = new Set<number>();
  phases.forEach((lanes, phase) =>
    lanes.forEach(({ launches }, lane) =>
      launches.forEach(({ reads, writes, inPlace }, index) => {
        const [out] = writes;
        if (!inPlace || writes.length !== 1 || !sizes.has(out.at) || kept.has(out.at)) return;
        // Nobody has touched it before.
        const isFirst = uses.get(out.at)!.every((u) => u.phase > phase || (u.phase === phase && u.lane === lane && u.index >= index));
        const isFree = (at: number): boolean =>
          uses.get(at)!.every((u) => u.phase < phase || (u.phase === phase && u.lane === lane && u.index <= index));
        const under = reads.find(
          (r) =>
            inPlace.includes(r.at) &&
            sizes.get(r.at) === sizes.get(out.at) &&
            r.bytes === out.bytes &&
            r.per === out.per &&
            !kept.has(r.at) &&
            !taken.has(r.at) &&
            isFree(r.at),
        );
        if (!isFirst || !under) return;
        taken.add(under.at);
        aliases.set(out.at, aliases.get(under.at) ?? under.at);
      }),
    ),
  );
  return aliases;
}

function lifetimesOf(
  phases: readonly Phase[],
  blocks: readonly Block[],
  kept: ReadonlySet<number>,
  aliases: ReadonlyMap<number, number>,
): Lifetime[] {
  const lifetimes: Lifetime[] = blocks.map((b) => ({ ...b, first: Infinity, last: -Infinity }));
  /** The last block that begins at or before an address; blocks are in order. */
  const blockAt = (at: number): Lifetime | undefined => {
    let [low, high] = [0, lifetimes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lifetimes[middle].at <= at) low = middle + 1;
      else high = middle;
    }
    const block = lifetimes.at(low - 1);
    return low > 0 && block && at < block.at + block.bytes ? block : undefined;
  };
  phases.forEach((lanes, phase) => {
    for (const { reads, writes } of lanes.flatMap((l) => l.launches))
      for (const span of [...reads, ...writes]) {
        const block = blockAt(span.at);
        if (!block) continue;
        block.first = Math.min(block.first, phase);
        block.last = Math.max(block.last, phase);
      }
  });
  for (const block of lifetimes) if (kept.has(block.at)) [block.first, block.last] = [-Infinity, Infinity];
  for (const block of lifetimes) {
    const under = aliases.has(block.at) ? blockAt(aliases.get(block.at)!) : undefined;
    if (!under) continue;
    under.first = Math.min(under.first, block.first);
    under.last = Math.max(under.last, block.last);
  }
  return lifetimes.filter((b) => b.first <= b.last && !aliases.has(b.at));
}

/** The same launches on the addresses that `real` gives for the ones they were captured with. */
export function relocate(phases: readonly Phase[], real: (address: number) => number): Phase[] {
  const span = (s: Span): Span => ({ ...s, at: real(s.at) });
  const launch = (l: Launch): Launch => ({ ...l, words: l.words.map(real), reads: l.reads.map(span), writes: l.writes.map(span) });
  return phases.map((lanes) => lanes.map((lane) => ({ ...lane, launches: lane.launches.map(launch) })));
}
