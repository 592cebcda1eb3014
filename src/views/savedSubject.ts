import * as path from 'node:path';
import type { WeightsSubject } from '../common/weightsViewProtocol';
import { checkpointPaths } from './checkpointFiles';

/**
 * What a page of weights was opened on, as it told its own memory; null when that says nothing usable. A film has the checkpoints that
 * its folder holds now.
 */
export async function savedSubject(state: unknown): Promise<WeightsSubject | null> {
  const subject = (state as { subject?: Partial<WeightsSubject> } | null)?.subject;
  const { mode, title, paths, names } = subject ?? {};
  const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every((p) => typeof p === 'string');
  if (typeof title !== 'string' || !isTexts(paths) || paths.length === 0 || !paths.every((p) => path.isAbsolute(p))) return null;
  if (mode === 'compare')
    return paths.length === 2 ? { mode, title, paths, names: isTexts(names) && names.length === 2 ? names : undefined } : null;
  if (mode !== 'film') return null;
  const now = await checkpointPaths(path.dirname(paths[0]));
  return { mode, title, paths: now.length > 0 ? now : paths };
}
