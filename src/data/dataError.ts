/** Data that cannot be used, told to the person: which file, what is wrong, what to do. `message` holds all three. */
export class DataError extends Error {
  constructor(
    /** The file or folder as the person knows it. */
    readonly file: string,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${file}: ${problem}; ${remedy}`);
    this.name = 'DataError';
  }
}

/** What the system says of a failed file access, in words. */
export function describeIoError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read (permission denied)';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'ENOTDIR') return 'is not a folder';
  return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
