import type { Launch, Span } from '../kernels/launch';

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
  const placed: Placed[] = [];
  const regionOf = regionsOf(launches);
  /** By region of memory, who touches it. */
  const users = new Map<number, Placed[]>();
  for (const launch of launches) {
    const regions = new Set([...launch.reads, ...launch.writes].map((s) => regionOf(s.at)));
    const conflicts = [...new Set([...regions].flatMap((r) => users.get(r) ?? []))]
      .map((p) => ({ p, conflict: conflictOf(p.launch, launch) }))
      .filter(({ conflict }) => conflict !== 'none');
    const earliest = conflicts.reduce((n, { p, conflict }) => Math.max(n, conflict === 'whole' ? p.phase + 1 : p.phase), 0);
    const phase = (phases[earliest] ??= []);
    // Everything in this phase that it depends on must be in its own lane.
    const needed = new Set(conflicts.filter(({ p }) => p.phase === earliest).map(({ p }) => p.lane));
    const [first, ...others] = needed;
    const lane = first ?? { items: launch.items, chunks: launch.chunks, launches: [] };
    if (!first) phase.push(lane);
    for (const other of others) {
      // Lanes over the same items that do not depend on each other: one after the other is as good.
      lane.launches.push(...other.launches);
      phase.splice(phase.indexOf(other), 1);
      for (const p of placed) if (p.lane === other) p.lane = lane;
    }
    lane.launches.push(launch);
    const own: Placed = { launch, phase: earliest, lane };
    placed.push(own);
    for (const r of regions) {
      const list = users.get(r);
      if (list) list.push(own);
      else users.set(r, [own]);
    }
  }
  return phases;
}

interface Placed {
  readonly launch: Launch;
  readonly phase: number;
  lane: Lane;
}

/** Numbers the stretches of memory that no span crosses: only launches in the same one can depend on each other. */
function regionsOf(launches: readonly Launch[]): (at: number) => number {
  const regions = new Map<number, number>();
  const spans = launches.flatMap((l) => [...l.reads, ...l.writes]).sort((a, b) => a.at - b.at);
  let [region, end] = [0, -Infinity];
  for (const { at, bytes } of spans) {
    if (at >= end) region++;
    end = Math.max(end, at + bytes);
    regions.set(at, region);
  }
  return (at) => regions.get(at)!;
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
