export type SortKey = 'index' | 'norm' | 'change' | 'gradient';
export type FilterKey = 'all' | 'moved-most' | 'moved-least' | 'large' | 'silent';

export const SORTS: { value: SortKey; label: string }[] = [
  { value: 'index', label: 'Unsorted' },
  { value: 'norm', label: 'Size (L2 norm)' },
  { value: 'change', label: 'Change since start' },
  { value: 'gradient', label: 'Gradient size' },
];

export const FILTERS: { value: FilterKey; label: string }[] = [
  { value: 'all', label: 'All kernels' },
  { value: 'large', label: 'Largest quarter' },
  { value: 'moved-most', label: 'Moved most (quarter)' },
  { value: 'moved-least', label: 'Moved least (quarter)' },
  { value: 'silent', label: 'No gradient in this batch' },
];

/** L2 norms per tile; null where the frame does not hold what they are taken from. */
export interface TileMeasures {
  norm: Float64Array | null;
  change: Float64Array | null;
  gradient: Float64Array | null;
}

/**
 * Which tiles to show, in which order; largest first when sorted by a measure, ties by index.
 * @returns null for all tiles in their own order.
 */
export function kernelOrder(count: number, measures: TileMeasures, sort: SortKey, filter: FilterKey): Uint32Array | null {
  if (sort === 'index' && filter === 'all') return null;
  let items = Array.from({ length: count }, (_, i) => i);
  const quarter = Math.max(1, Math.ceil(count / 4));
  const largest = (of: Float64Array) => new Set([...items].sort((a, b) => of[b] - of[a] || a - b).slice(0, quarter));
  const smallest = (of: Float64Array) => new Set([...items].sort((a, b) => of[a] - of[b] || a - b).slice(0, quarter));
  const { norm, change, gradient } = measures;
  if (filter === 'large' && norm) items = keep(items, largest(norm));
  else if (filter === 'moved-most' && change) items = keep(items, largest(change));
  else if (filter === 'moved-least' && change) items = keep(items, smallest(change));
  else if (filter === 'silent' && gradient) items = items.filter((i) => gradient[i] === 0);
  const by = sort === 'index' ? null : measures[sort];
  if (by) items.sort((a, b) => by[b] - by[a] || a - b);
  return Uint32Array.from(items);
}

function keep(items: number[], wanted: Set<number>): number[] {
  return items.filter((i) => wanted.has(i));
}
