import type { Dialect } from '../../common/modelSpec';
import type { Journal } from '../python/journal';

/** Keras's snake case: `MaxPooling2D` -> `max_pooling2d`, `LeakyReLU` -> `leaky_re_lu`; Keras 3 writes `conv_lstm2d`, not `conv_lst_m2d`. */
export function snakeCase(className: string, dialect: Dialect = 'tf.keras'): string {
  return className
    .replace(dialect === 'keras3' ? /(.)([A-Z][a-z]+)/g : /(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** Counts automatic names as Keras does in one session. */
export class NameCounter {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly dialect: () => Dialect,
    private readonly journal: Journal,
  ) {}

  /** `conv2d`, `conv2d_1`, …; Keras 1 and 2 begin with `conv2d_1`. */
  next(className: string): string {
    const dialect = this.dialect();
    const isOld = dialect === 'keras1' || dialect === 'keras2';
    const isInput = className === 'InputLayer';
    const prefix = isInput
      ? dialect === 'keras3'
        ? 'input_layer'
        : 'input'
      : snakeCase(className === 'Functional' && dialect !== 'keras3' ? 'Model' : className, dialect);
    const count = this.counts.get(prefix) ?? 0;
    this.journal.recordMap(this.counts, prefix);
    this.counts.set(prefix, count + 1);
    if (isOld || (isInput && dialect !== 'keras3')) return `${prefix}_${count + 1}`;
    return count === 0 ? prefix : `${prefix}_${count}`;
  }

  reset(): void {
    this.counts.clear();
  }
}
