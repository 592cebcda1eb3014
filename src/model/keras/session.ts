import type { JsonValue } from '../../common/json';
import type { Dialect, Shape, SourceRange } from '../../common/modelSpec';
import type { Machine } from '../python/machine';
import { kerasPath } from './kerasPath';
import type { KerasModel } from './model';
import { NameCounter } from './names';
import type { LayerNode } from './tensor';

/** What all Keras objects of one file share. */
export class KerasSession {
  /** In the order in which the program made them. */
  readonly models: KerasModel[] = [];
  /** Every use of a layer, in the order of the program. */
  readonly uses: LayerNode[] = [];
  readonly names: NameCounter;
  /** Keras's global `image_data_format`. */
  dataFormat = 'channels_last';
  /** The program sets or asks for the format itself. */
  isFormatSaid = false;
  /** The first named data set that the program loads. */
  knownData: { image: number[]; classes: number } | null = null;
  private current: Dialect | null = null;

  constructor(
    readonly machine: Machine,
    /** What plain `keras` means in this file. */
    readonly standalone: Dialect,
  ) {
    this.names = new NameCounter(() => this.dialect, machine.journal);
  }

  /** The dialect of the Keras that the program uses. */
  get dialect(): Dialect {
    return this.current ?? this.standalone;
  }

  /** The first Keras name that the program really uses decides. */
  didUse(path: string): void {
    if (this.current) return;
    const found = kerasPath(path);
    if (found) this.current = found.isTensorflow ? 'tf.keras' : this.standalone;
  }

  /** Keras 1 files for Theano don't say that channels come first; their input shape does. */
  noteInputShape(shape: Shape, range: SourceRange): void {
    const [, channels, height, width] = shape;
    // Sizes that are not known yet are those of images, too; the number of channels is always said.
    const isImage = (size: number | null): boolean => size === null || size > 4;
    const isFirst = shape.length === 4 && (channels === 1 || channels === 3) && isImage(height) && isImage(width);
    if (this.dialect !== 'keras1' || this.dataFormat !== 'channels_last' || !isFirst || this.isFormatSaid) return;
    this.machine.journal.record(() => (this.dataFormat = 'channels_last'));
    this.dataFormat = 'channels_first';
    this.inform(
      'channels-first',
      `Channels come first here, as (${shape
        .slice(1)
        .map((n) => n ?? 'None')
        .join(', ')}) tells: Theano's order of axes.`,
      range,
    );
  }

  /** What the person told under a key, else `value`, which is then noted as assumed. */
  assume(key: string, value: JsonValue, what: string, range: SourceRange): JsonValue {
    const { assumptions } = this.machine;
    const text = (v: JsonValue): string => (Array.isArray(v) ? `(${v.map((n) => n ?? 'None').join(', ')})` : JSON.stringify(v));
    if (Object.hasOwn(assumptions, key)) {
      const given = assumptions[key];
      this.machine.note('info', 'given-value', `${what}; ${text(given)}, as you said, is used.`, range, { key, value: given });
      return given;
    }
    this.machine.note('warning', 'assumed-value', `${what}; ${text(value)} is assumed.`, range, { key, value });
    return value;
  }

  error(code: string, message: string, range: SourceRange): void {
    this.machine.note('error', code, message, range);
  }

  warn(code: string, message: string, range: SourceRange): void {
    this.machine.note('warning', code, message, range);
  }

  inform(code: string, message: string, range: SourceRange): void {
    this.machine.note('info', code, message, range);
  }
}
