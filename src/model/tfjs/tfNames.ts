import { snakeCase } from '../keras/names';

/** Automatic names as TF.js gives them: `conv2d_Conv2D1`, `sequential_1`. */
export class TfNames {
  private readonly counts = new Map<string, number>();

  ofLayer(className: string): string {
    return `${snakeCase(className)}_${this.next(className)}`;
  }

  ofModel(kind: 'sequential' | 'model'): string {
    return this.next(kind === 'sequential' ? 'sequential_' : 'model_');
  }

  private next(prefix: string): string {
    const count = (this.counts.get(prefix) ?? 0) + 1;
    this.counts.set(prefix, count);
    return `${prefix}${count}`;
  }
}
