import type { DataSpec } from '../../common/dataSpec';
import type { SourceRange } from '../../common/modelSpec';
import type { ArrayOrigin } from '../python/arrayValue';

/** What a program loads: the source object that arrays carry along (`ArrayOrigin.source`). */
export class DataOrigin {
  constructor(
    readonly spec: Omit<DataSpec, 'preprocessing'>,
    /** Number of classes; null when the program does not tell. */
    readonly classCount: number | null,
  ) {}
}

/**
 * Where an array comes from that the program loads from a file.
 * @param path as the program names it; null when that is not known
 */
export function originOf(path: string | null, range: SourceRange, role: ArrayOrigin['role'], extra?: Record<string, string>): ArrayOrigin {
  const where = path === null ? { kind: 'unknown' as const, range } : { kind: 'file' as const, path, range, ...(extra && { extra }) };
  return { source: new DataOrigin(where, null), role, split: 'train', scale: 1, offset: 0, isOneHot: false };
}
