import * as path from 'node:path';
import { readRun, type ReportedRun } from '../report/readRun';
import { UserError } from './userError';

/** @throws UserError when the folder holds no run. */
export function openRunFolder(folder: string): Promise<ReportedRun> {
  return readRun(path.resolve(folder)).catch((error: Error) => {
    throw new UserError(folder, 1, `is not a run (${error.message}); give a folder that holds run.json`);
  });
}
