import type { JsonValue } from '../../common/json';
import type { SourceRange } from '../../common/modelSpec';
import { numberOf, type Value } from '../python/value';
import type { KerasSession } from './session';

/**
 * Sizes of an input shape (without the batch) of which some are not known: they are asked for, and a usual value is assumed until told.
 * @param items null when nothing of the shape is known
 */
export function completeSizes(
  session: KerasSession,
  key: string,
  items: readonly Value[] | null,
  range: SourceRange,
  reason?: string,
): JsonValue[] {
  const usual: number[] = session.knownData?.image ?? [64, 64, 3];
  const lost = items?.find((v) => v.kind === 'unknown' || v.kind === 'external');
  const why =
    lost?.kind === 'unknown'
      ? `: ${lost.reason}`
      : lost?.kind === 'external'
        ? `: ${lost.path} has no value here`
        : reason
          ? `: ${reason}`
          : '';
  const isImage = items?.length === usual.length;
  const isOpen = (v: Value) => v.kind === 'unknown' || v.kind === 'external';
  const guess = items ? items.map((v, i) => numberOf(v) ?? (isOpen(v) ? (isImage ? usual[i] : 64) : null)) : usual;
  const told = session.assume(key, guess, `The input shape is not known${why}`, range);
  return Array.isArray(told) ? told : guess;
}
