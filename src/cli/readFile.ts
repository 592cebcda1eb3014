import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { ModelSource, Note } from '../common/modelSpec';
import { arrayShapes, tableColumns } from '../data/arrays/dataHeaders';
import { describeIoError } from '../data/dataError';
import { diskFiles } from '../model/imports/diskFiles';
import { readModelSource } from '../model/readModelSource';
import { UserError } from './userError';

/** A model source larger than this is not one. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface ReadFile {
  /** Absolute. */
  path: string;
  text: string;
  source: ModelSource;
}

/**
 * Reads a model source file.
 * @throws UserError when the file cannot be read.
 */
export async function readModelFile(file: string): Promise<ReadFile> {
  const absolute = path.resolve(file);
  const fail = (problem: string): never => {
    throw new UserError(file, 1, `${problem}; give a file that defines a model`);
  };
  const stat = await fs.stat(absolute).catch((error: unknown) => fail(describeIoError(error)));
  if (stat.isDirectory()) fail('is a folder, not a file');
  if (stat.size > MAX_BYTES) fail(`has ${stat.size} bytes, more than a model source has`);
  const text = await fs.readFile(absolute, 'utf8').catch((error: unknown) => fail(describeIoError(error)));
  const files = await diskFiles(absolute, process.cwd(), { arrays: arrayShapes, columns: tableColumns });
  return { path: absolute, text, source: await readModelSource({ path: absolute, text }, { files }) };
}

/** All notes of a source, those of its models included, each once. */
export function allNotes(source: ModelSource): Note[] {
  const seen = new Set<string>();
  return [...source.notes, ...source.models.flatMap((m) => m.notes)].filter((n) => {
    const key = `${n.range.cell ?? ''} ${n.range.startLine} ${n.message}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

/** Why nothing can be made of a source: its gravest note, or that it defines no model. */
export function noModelError(file: string, source: ModelSource): UserError {
  const notes = allNotes(source);
  const gravest = notes.find((n) => n.severity === 'error') ?? notes.find((n) => n.severity === 'warning');
  if (gravest) return new UserError(file, gravest.range.startLine + 1, gravest.message);
  return new UserError(file, 1, 'defines no model; give a file that builds one, such as Sequential() with Conv2D layers');
}
