import type { Launch, Span } from '../kernels/launch';
import { Lists, regionsOf } from './regions';

/** Launches that run one after the other, item by item: an item's data is still in the cache when the next launch wants it. */
export interface Lane {
  readonly items: number;
  readonly chunks: number;
  readonly launches: Launch[];
}

/** Lanes that may run at the same time. */
export type Phase = Lane[];

/**
 * Puts launches, given in an order in which they may run, into as few phases as their data allows. Threads wait for each other only
 * between phases. Launches over the same items share a lane where each item needs only what was made for the same item.
 */
export function schedule(launches: readonly Launch[]): Phase[] {
  const phases: Phase[] = [];
  const regionOf = regionsOf(launches);
  /** By region of memory, who reads and who writes it: readers alone do not depend on each other. */
  const readers = new Lists<number, Placed>();
  const writers = new Lists<number, Placed>();
  const members = new Map<Lane, Placed[]>();
  for (const launch of launches) {
    const read = new Set(launch.reads.map(regionOf));
    const written = new Set(launch.writes.map(regionOf));
    const before = new Set<Placed>();
    for (const r of read) for (const p of writers.of(r)) before.add(p);
    for (const r of written) for (const p of [...writers.of(r), ...readers.of(r)]) before.add(p);
    const conflicts = [...before].map((p) => ({ p, conflict: conflictOf(p.launch, launch) })).filter(({ conflict }) => conflict !== 'none');
    const earliest = conflicts.reduce((n, { p, conflict }) => Math.max(n, conflict === 'whole' ? p.phase + 1 : p.phase), 0);
    const phase = (phases[earliest] ??= []);
    // Everything in this phase that it depends on must be in its own lane.
    const needed = new Set(conflicts.filter(({ p }) => p.phase === earliest).map(({ p }) => p.lane));
    const [first, ...others] = needed;
    const lane = first ?? { items: launch.items, chunks: launch.chunks, launches: [] };
    if (!first) {
      phase.push(lane);
      members.set(lane, []);
    }
    const own: Placed = { launch, phase: earliest, lane };
    const inLane = members.get(lane)!;
    for (const other of others) {
      // Lanes over the same items that do not depend on each other: one after the other is as good.
      lane.launches.push(...other.launches);
      phase.splice(phase.indexOf(other), 1);
      for (const p of members.get(other)!) {
        p.lane = lane;
        inLane.push(p);
      }
      members.delete(other);
    }
    lane.launches.push(launch);
    inLane.push(own);
    for (const r of read) readers.add(r, own);
    for (const r of written) writers.add(r, own);
  }
  return phases;
}

interface Placed {
  readonly launch: Launch;
  readonly phase: number;
  lane: Lane;
}

/** How a later launch depends on an earlier one: not at all, each item on the same item, or as a whole. */
function conflictOf(earlier: Launch, later: Launch): 'none' | 'itemwise' | 'whole' {
  const sameItems = earlier.items === later.items && earlier.chunks === later.chunks;
  let result: 'none' | 'itemwise' = 'none';
  const clash = (a: readonly Span[], b: readonly Span[]): boolean => {
    for (const x of a)
      for (const y of b) {
        if (x.at >= y.at + y.bytes || y.at >= x.at + x.bytes) continue;
        if (!sameItems || x.per === 0 || x.at !== y.at || x.per !== y.per) return true;
        result = 'itemwise';
      }
    return false;
  };
  if (clash(earlier.writes, later.reads) || clash(earlier.reads, later.writes) || clash(earlier.writes, later.writes)) return 'whole';
  return result;
}
