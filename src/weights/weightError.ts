import { printable } from './printable';

/** Names in a damaged file can be anything. */
const LONGEST = 400;

/** A weight file that can't be read. `message` says what is wrong, where, and what to do, in one line. */
export class WeightError extends Error {
  readonly problem: string;

  constructor(
    problem: string,
    readonly remedy: string,
  ) {
    const line = printable(problem, LONGEST);
    super(`${line}; ${remedy}`);
    this.problem = line;
    this.name = 'WeightError';
  }
}

/** What to do about a file that ends too early or holds impossible lengths. */
export const GET_AGAIN = 'the file is damaged or incomplete, so copy or download it again';

/** @throws WeightError that tells the person to get the file again. */
export function damaged(problem: string): never {
  throw new WeightError(problem, GET_AGAIN);
}
