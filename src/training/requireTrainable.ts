import type * as vscode from 'vscode';
import type { ModelSpec } from '../common/modelSpec';
import { PlacedError } from './placedError';

/** @throws PlacedError that says which part of a model cannot be trained. */
export function requireTrainable(spec: ModelSpec, uri: vscode.Uri): void {
  if (spec.trainable) return;
  const note = spec.notes.find((n) => n.severity === 'error');
  const reason = note?.message ?? 'it has a part that cannot be trained here';
  throw new PlacedError(`${spec.name} can be looked at but not trained: ${reason}`, uri, note?.range ?? spec.range);
}
