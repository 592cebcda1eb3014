import { array, resolveReshape, reshaped, type ArrayOrigin, type ArrayValue } from './arrayValue';
import { sliceBounds } from './subscript';
import { NONE, int, native, numberOf, str, tuple, unknown, type Arguments, type Value } from './value';

const dimension = (n: number | null): Value => (n === null ? unknown('the size of an array that is not known') : int(n));

/** The sizes in a shape argument, given as one tuple or as several numbers; null marks an unknown one. */
export function shapeArgument(values: Value[]): (number | null)[] | null {
  const [only] = values;
  if (values.length === 1 && (only.kind === 'tuple' || only.kind === 'list')) return only.items.map(numberOf);
  if (values.length === 1 && only.kind === 'unknown') return null;
  return values.map(numberOf);
}

type Method = (self: ArrayValue, args: Arguments) => Value;

const same: Method = (self) => self;

const methods: Record<string, Method> = {
  reshape: (self, args) => {
    const given = args.positional.length ? args.positional : [...args.keywords.values()];
    const shape = shapeArgument(given.filter((v) => v.kind !== 'str'));
    return reshaped(self, shape ? resolveReshape(self.shape, shape) : null);
  },
  size: (self, args) => {
    const sizes: Value = self.shape ? tuple(self.shape.map(dimension)) : unknown('the shape of data that is not known');
    const axis = numberOf(args.positional[0] ?? args.keywords.get('dim'));
    if (axis === null || sizes.kind !== 'tuple') return sizes;
    return sizes.items.at(axis) ?? unknown('the size of an axis that is not there');
  },
  dim: (self) => (self.shape ? int(self.shape.length) : unknown('the rank of data that is not known')),
  unsqueeze: (self, args) => {
    const axis = numberOf(args.positional[0] ?? args.keywords.get('dim'));
    if (!self.shape || axis === null) return reshaped(self, null);
    return reshaped(self, self.shape.toSpliced(axis < 0 ? axis + self.shape.length + 1 : axis, 0, 1));
  },
  flatten: (self) => reshaped(self, resolveReshape(self.shape, [-1])),
  ravel: (self) => reshaped(self, resolveReshape(self.shape, [-1])),
  squeeze: (self) => reshaped(self, self.shape?.filter((n) => n !== 1) ?? null),
  transpose: (self, args) => {
    const order = shapeArgument(args.positional);
    if (!self.shape || !order || order.includes(null))
      return reshaped(self, self.shape && !order?.length ? [...self.shape].reverse() : null);
    if (order.length === 0) return reshaped(self, [...self.shape].reverse());
    return reshaped(
      self,
      order.map((axis) => self.shape?.at(axis as number) ?? null),
    );
  },
};
methods.view = methods.reshape;
methods.permute = methods.transpose;
// numpy's, TensorFlow's and PyTorch's ways of having the same numbers elsewhere or as another type.
const COPIES =
  'astype copy numpy to cuda cpu type float double half byte int long bool contiguous detach clone requires_grad_ fill_ pin_memory';
for (const name of COPIES.split(' ')) methods[name] = same;
for (const name of ['max', 'min', 'mean', 'std', 'sum', 'argmax', 'item', 'tolist']) {
  methods[name] = () => unknown(`the ${name} of the data`);
}

/** An attribute or bound method of an array; undefined when there is none of that name. */
export function arrayAttribute(self: ArrayValue, name: string): Value | undefined {
  switch (name) {
    case 'shape':
      return self.shape ? tuple(self.shape.map(dimension)) : unknown('the shape of data that is not known');
    case 'ndim':
      return self.shape ? int(self.shape.length) : unknown('the rank of data that is not known');
    case 'size': {
      const total = self.shape?.reduce((p: number | null, n) => (p === null || n === null ? null : p * n), 1) ?? null;
      return dimension(total);
    }
    case 'dtype':
      return str('float32');
    case 'T':
      return reshaped(self, self.shape ? [...self.shape].reverse() : null);
    case 'values':
    case 'data':
      return self;
    default:
      if (Object.hasOwn(methods, name)) return native(name, (args) => methods[name](self, args));
      // PyTorch's mark of a change in place.
      return /^[a-z]\w*[a-z]_$/.test(name) ? native(name, () => self) : undefined;
  }
}

/** `array[index]`: integers drop an axis, slices keep it, `None` adds one, anything else leaves its length unknown. */
export function arrayItem(self: ArrayValue, index: Value): Value {
  const isNewAxis = (v: Value) => v.kind === 'external' && v.path.endsWith('.newaxis');
  const parts = (index.kind === 'tuple' ? index.items : [index]).map((v) => (isNewAxis(v) ? NONE : v));
  const origin = cutAlong(self.origin, parts);
  if (!self.shape) return array(null, origin, self.classCount);
  const axes = parts.filter((p) => p.kind !== 'none' && p.kind !== 'ellipsis').length;
  const shape: (number | null)[] = [];
  let at = 0;
  for (const part of parts) {
    if (part.kind === 'none') shape.push(1);
    else if (part.kind === 'ellipsis') {
      const skipped = Math.max(0, self.shape.length - axes);
      shape.push(...self.shape.slice(at, at + skipped));
      at += skipped;
    } else if (part.kind === 'slice') {
      const length = self.shape[at++] ?? null;
      const bounds = length === null ? null : sliceBounds(part, length);
      shape.push(isWholeAxis(part) ? length : bounds ? Math.max(0, Math.ceil((bounds.stop - bounds.start) / bounds.step)) : null);
    } else if (numberOf(part) !== null) at++;
    else {
      at++;
      shape.push(null);
    }
  }
  shape.push(...self.shape.slice(at));
  return { ...reshaped(self, shape), origin };
}

function isWholeAxis(part: Value): boolean {
  return part.kind === 'slice' && [part.lower, part.upper, part.step].every((v) => v.kind === 'none');
}

/** What indices of other axes than the first take away: the same part twice has the same words. */
function cutAlong(origin: ArrayOrigin | null, parts: readonly Value[]): ArrayOrigin | null {
  const word = (v: Value): string => (v.kind === 'none' ? '' : String(numberOf(v) ?? '?'));
  const cuts = parts
    .filter((p) => p.kind !== 'none')
    .slice(1)
    .filter((p) => p.kind !== 'ellipsis' && !isWholeAxis(p))
    .map((p) => (p.kind === 'slice' ? `${word(p.lower)}:${word(p.upper)}:${word(p.step)}` : word(p)));
  return origin && cuts.length > 0 ? { ...origin, cut: [origin.cut ?? '', ...cuts].join(' ') } : origin;
}
