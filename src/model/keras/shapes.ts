import type { JsonValue } from '../../common/json';
import type { Shape } from '../../common/modelSpec';

/** A layer can't be built on these inputs; the message says why in one sentence. */
export class ShapeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ShapeError';
  }
}

/** A size that a layer needs to know. @throws ShapeError */
export function known(size: number | null | undefined, what: string): number {
  if (typeof size !== 'number') throw new ShapeError(`${what} is not known`);
  return size;
}

/** A number of the configuration. @throws ShapeError */
export function numberIn(config: Record<string, JsonValue>, key: string): number {
  const value = config[key];
  if (typeof value !== 'number') throw new ShapeError(`its ${key} is not known`);
  return value;
}

/** A size per axis: a number stands for all axes. @throws ShapeError */
export function perAxis(value: JsonValue | undefined, rank: number, what: string): number[] {
  if (typeof value === 'number') return Array<number>(rank).fill(value);
  if (Array.isArray(value) && value.length === rank && value.every((v) => typeof v === 'number')) return value as number[];
  if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'number') return Array<number>(rank).fill(value[0]);
  throw new ShapeError(`its ${what} is not known`);
}

/** The length of one axis after a window of `size` has moved over it; null stays null. */
export function windowedLength(length: number | null, size: number, stride: number, padding: string, dilation = 1): number | null {
  if (length === null) return null;
  const reach = (size - 1) * dilation + 1;
  if (padding === 'same') return Math.ceil(length / stride);
  if (padding === 'causal' || padding === 'full') return Math.ceil((padding === 'full' ? length + reach - 1 : length) / stride);
  const result = Math.ceil((length - reach + 1) / stride);
  if (result <= 0)
    throw new ShapeError(
      `its window of ${reach} does not fit into an input of ${length}; use a smaller window, padding='same' or larger images`,
    );
  return result;
}

/** The rank of the input. @throws ShapeError when it is not one of `ranks` */
export function requireRank(shape: Shape, ...ranks: number[]): void {
  if (!ranks.includes(shape.length)) {
    throw new ShapeError(`it expects an input of ${ranks.join(' or ')} axes but gets ${shapeText(shape)}`);
  }
}

/** `(None, 28, 28, 1)` */
export function shapeText(shape: Shape): string {
  const sizes = shape.map((n) => (n === null ? 'None' : String(n)));
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}

/** The number of values behind the batch axis; null when an axis is not fixed. */
export function sizeOf(shape: Shape): number | null {
  return shape.slice(1).reduce((p: number | null, n) => (p === null || n === null ? null : p * n), 1);
}

/** `axis` counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
