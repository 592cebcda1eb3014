import * as path from 'node:path';
import type { FoundFile, OpenContext } from '../formatReader';
import { WeightError } from '../weightError';
import { readTensorBundle } from './tensorBundle';

/** The index of a checkpoint, or of a SavedModel's variables; its shards lie beside it. */
export function readCheckpointIndex({ source, path: file, openBeside }: OpenContext): FoundFile {
  const prefix = path.basename(file ?? '').replace(/\.index$/, '');
  const found = readTensorBundle(source, (i, n) => openBeside(shardName(prefix, i, n)));
  const isSavedModel = prefix === 'variables' && path.basename(path.dirname(file ?? '')) === 'variables';
  return isSavedModel ? { ...found, format: 'savedmodel' } : found;
}

/** A SavedModel's graph; its variables are a checkpoint in the folder `variables`. */
export function readSavedModel({ openBeside }: OpenContext): FoundFile {
  const index = attempt(() => openBeside('variables/variables.index'));
  if (!index)
    throw new WeightError('the SavedModel has no variables/variables.index', 'give the whole folder of a model that has variables');
  const found = readTensorBundle(index, (i, n) => openBeside(`variables/${shardName('variables', i, n)}`));
  return { ...found, format: 'savedmodel' };
}

function shardName(prefix: string, i: number, n: number): string {
  return `${prefix}.data-${String(i).padStart(5, '0')}-of-${String(n).padStart(5, '0')}`;
}

function attempt<T>(open: () => T): T | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof WeightError) return null;
    throw error;
  }
}
