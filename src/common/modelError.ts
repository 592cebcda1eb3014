/** The model, as its file says it, cannot be trained on this data or this machine: `message` says what is wrong and the way out. */
export class ModelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModelError';
  }
}
