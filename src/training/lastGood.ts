import type { ModelSource } from '../common/modelSpec';

/**
 * Which of two answers to show while a file is being typed in: the fresh one, or the last good one because the fresh one lost
 * models or layers only to a syntax error. Notes are always the fresh ones.
 */
export function keepLastGood(previous: ModelSource | null, fresh: ModelSource): { source: ModelSource; isStale: boolean } {
  if (!previous || previous.models.length === 0 || !hasSyntaxError(fresh)) return { source: fresh, isStale: false };
  const isPoorer =
    fresh.models.length < previous.models.length ||
    previous.models.some((old) => {
      const now = fresh.models.find((m) => m.name === old.name);
      return !now || now.layers.length < old.layers.length || (old.trainable && !now.trainable);
    });
  if (!isPoorer) return { source: fresh, isStale: false };
  const freshNotes = [...fresh.notes, ...fresh.models.flatMap((m) => m.notes)];
  return {
    source: { ...fresh, dialect: previous.dialect, models: previous.models.map((m) => ({ ...m, notes: [] })), notes: freshNotes },
    isStale: true,
  };
}

function hasSyntaxError(source: ModelSource): boolean {
  return [...source.notes, ...source.models.flatMap((m) => m.notes)].some((n) => n.code === 'syntax-error');
}
