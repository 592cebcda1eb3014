import type { Assumption, Note } from '../common/modelSpec';

/** What a model's file leaves open and was assumed, each once. */
export function openAssumptions(notes: readonly Note[]): (Note & { assumption: Assumption })[] {
  const seen = new Set<string>();
  return notes.filter(
    (n): n is Note & { assumption: Assumption } =>
      n.assumption !== undefined && !seen.has(n.assumption.key) && Boolean(seen.add(n.assumption.key)),
  );
}
