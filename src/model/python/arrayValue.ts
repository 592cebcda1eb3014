/** Where an array's numbers come from and what was done to them on the way. */
export interface ArrayOrigin {
  /** Made by a front end or a data module; compared by identity. */
  source: object;
  role: 'input' | 'label';
  split: 'train' | 'test' | 'validation';
  /** Product of all constant factors applied so far. */
  scale: number;
  /** Sum applied after `scale`. */
  offset: number;
  isOneHot: boolean;
  /** Numbers drawn at random were added on the way, as for a denoising autoencoder. */
  isNoisy?: boolean;
  /** Which part along other axes than the first was taken, such as the columns of a table; absent: all of it. */
  cut?: string;
}

/** A numpy array or tensor of known shape; its numbers are never known. */
export interface ArrayValue {
  kind: 'array';
  /** A null axis has an unknown length; null as a whole means that not even the rank is known. */
  shape: (number | null)[] | null;
  origin: ArrayOrigin | null;
  /** Number of different values, when it is known (labels). */
  classCount?: number;
  /** The numbers are drawn at random. */
  isRandom?: boolean;
  /** The number that all its entries are, when it is known. */
  fill?: number;
}

export function array(shape: (number | null)[] | null, origin: ArrayOrigin | null = null, classCount?: number): ArrayValue {
  return classCount === undefined ? { kind: 'array', shape, origin } : { kind: 'array', shape, origin, classCount };
}

/** The same data in another shape. */
export function reshaped(value: ArrayValue, shape: (number | null)[] | null): ArrayValue {
  return { ...value, shape };
}

/** The same data with every number multiplied, then shifted. */
export function rescaled(value: ArrayValue, factor: number, shift: number): ArrayValue {
  if (!value.origin) return value;
  const { scale, offset } = value.origin;
  return { ...value, origin: { ...value.origin, scale: scale * factor, offset: offset * factor + shift } };
}

/** numpy's broadcasting of two shapes; null when either is unknown or they don't fit. */
export function broadcast(a: (number | null)[] | null, b: (number | null)[] | null): (number | null)[] | null {
  if (!a || !b) return null;
  const rank = Math.max(a.length, b.length);
  const result: (number | null)[] = [];
  for (let i = 0; i < rank; i++) {
    const x = i < rank - a.length ? 1 : a[i - (rank - a.length)];
    const y = i < rank - b.length ? 1 : b[i - (rank - b.length)];
    if (x !== null && y !== null && x !== y && x !== 1 && y !== 1) return null;
    result.push(x === 1 ? y : y === 1 ? x : (x ?? y));
  }
  return result;
}

/** Resolves the one `-1` of a new shape from the old one; null entries stay null. */
export function resolveReshape(from: (number | null)[] | null, to: (number | null)[]): (number | null)[] {
  const at = to.indexOf(-1);
  if (at < 0) return to;
  const rest = to.filter((_, i) => i !== at);
  const result = [...to];
  const isKnown = from !== null && !from.includes(null) && !rest.includes(null);
  const total = isKnown ? (from as number[]).reduce((p, n) => p * n, 1) : null;
  const others = isKnown ? (rest as number[]).reduce((p, n) => p * n, 1) : 0;
  result[at] = total !== null && others > 0 && total % others === 0 ? total / others : null;
  return result;
}
