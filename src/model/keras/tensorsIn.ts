import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import type { Value } from '../python/value';
import { SymbolicTensor } from './tensor';

/** The tensors in a value: one, or a list, tuple or dict of them; null when anything else is among them. */
export function tensorsIn(value: Value, machine: Machine): SymbolicTensor[] | null {
  if (value.kind === 'host') return value.object instanceof SymbolicTensor ? [value.object] : null;
  const items = value.kind === 'dict' ? [...value.entries.values()].map((e) => e.value) : iterate(value, machine);
  if (!items || items.length === 0 || value.kind === 'str') return null;
  const tensors = items.map((v) => (v.kind === 'host' && v.object instanceof SymbolicTensor ? v.object : null));
  return tensors.includes(null) ? null : (tensors as SymbolicTensor[]);
}
