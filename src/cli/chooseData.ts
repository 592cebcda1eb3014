import * as path from 'node:path';
import type { DataRef } from '../common/dataSpec';
import type { ModelSpec } from '../common/modelSpec';
import { findData } from '../data/findData';
import { dataSpecName, embeddedFor } from '../training/dataNames';
import { UserError } from './userError';

/**
 * The images to train on: those asked for, else those the file names.
 * @param asked a path, `embedded`, `digits` or `shapes`
 * @throws UserError when the file names none that is there.
 */
export async function chooseData(file: string, model: ModelSpec, asked: string | undefined): Promise<DataRef> {
  if (asked === 'embedded') return { kind: 'embedded', name: embeddedFor(model) };
  if (asked === 'digits' || asked === 'shapes') return { kind: 'embedded', name: asked };
  if (asked !== undefined) return { kind: 'path', path: path.resolve(asked) };
  const found = await findData(model.data, path.resolve(file), [process.cwd()]);
  if (found) return found;
  const line = (model.data.range ?? model.range).startLine + 1;
  const problem =
    model.data.kind === 'unknown' ? 'names no data that could be found' : `its data (${dataSpecName(model.data)}) was not found`;
  throw new UserError(file, line, `${problem}; give --data PATH, or --data embedded for synthetic images`);
}
