import type { Launch, Span } from '../kernels/launch';

/** Whether two spans share memory. */
export const overlaps = (a: Span, b: Span): boolean => a.at < b.at + b.bytes && b.at < a.at + a.bytes;

/** Numbers the stretches of memory that no span crosses: only spans in the same one can overlap. */
export function regionsOf(launches: readonly Launch[], others: readonly Span[] = []): (span: Span) => number {
  const regions = new Map<number, number>();
  const spans = [...others, ...launches.flatMap((l) => [...l.reads, ...l.writes])].sort((a, b) => a.at - b.at);
  let [region, end] = [0, -Infinity];
  for (const { at, bytes } of spans) {
    if (at >= end) region++;
    end = Math.max(end, at + bytes);
    regions.set(at, region);
  }
  return ({ at }) => regions.get(at)!;
}

/** Lists by key. */
export class Lists<K, V> {
  private readonly lists = new Map<K, V[]>();

  add(key: K, value: V): void {
    const list = this.lists.get(key);
    if (list) list.push(value);
    else this.lists.set(key, [value]);
  }

  /** In the order in which they came. */
  of(key: K): readonly V[] {
    return this.lists.get(key) ?? [];
  }
}

/** Says which launches read any of a launch's memory, in their order. */
export function readersOf(launches: readonly Launch[]): (memory: Span) => Launch[] {
  const regionOf = regionsOf(launches);
  const readers = new Lists<number, Launch>();
  for (const l of launches) for (const region of new Set(l.reads.map(regionOf))) readers.add(region, l);
  return (memory) => readers.of(regionOf(memory)).filter((l) => l.reads.some((r) => overlaps(r, memory)));
}
