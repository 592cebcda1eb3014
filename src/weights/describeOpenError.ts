import { WeightError } from './weightError';

/** What the system says of a file that cannot be opened, in words. */
export function describeOpenError(label: string, error: unknown): WeightError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new WeightError(`${label} is not there`, 'check the path');
  if (code === 'EACCES' || code === 'EPERM')
    return new WeightError(`${label} may not be read (permission denied)`, 'change its permissions');
  if (code === 'EISDIR') return new WeightError(`${label} is a folder`, 'give a weight file');
  return new WeightError(`${label} cannot be opened (${error instanceof Error ? error.message : String(error)})`, 'check the path');
}
