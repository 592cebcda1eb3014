/** Bad input: printed as one line `FILE:LINE: what is wrong; what to do`, exit code 2. */
export class UserError extends Error {
  constructor(
    readonly file: string,
    /** One-based; 1 when no line applies. */
    readonly line: number,
    message: string,
  ) {
    super(message);
    this.name = 'UserError';
  }

  override toString(): string {
    return `${this.file}:${this.line}: ${this.message}`;
  }
}
