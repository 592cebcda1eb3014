/** A weight file that can't be read. `message` says what is wrong, where, and what to do. */
export class WeightError extends Error {
  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem}; ${remedy}`);
    this.name = 'WeightError';
  }
}

/** What to do about a file that ends too early or holds impossible lengths. */
export const GET_AGAIN = 'the file is damaged or incomplete, so copy or download it again';

/** @throws WeightError that tells the person to get the file again. */
export function damaged(problem: string): never {
  throw new WeightError(problem, GET_AGAIN);
}
