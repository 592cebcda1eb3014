import type { SourceRange } from '../../common/modelSpec';
import { array, type ArrayOrigin, type ArrayValue } from '../python/arrayValue';
import { arrayAttribute } from '../python/arrayMethods';
import { HostObject } from '../python/hostObject';
import { NONE, host, native, numberOf, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { DataOrigin } from './dataOrigin';

const SMALL_SETS: Record<string, { rows: number; features: number; classes: number | null; image?: number[] }> = {
  load_digits: { rows: 1797, features: 64, classes: 10, image: [8, 8] },
  load_iris: { rows: 150, features: 4, classes: 3 },
  load_wine: { rows: 178, features: 13, classes: 3 },
  load_breast_cancer: { rows: 569, features: 30, classes: 2 },
  load_diabetes: { rows: 442, features: 10, classes: null },
  load_boston: { rows: 506, features: 13, classes: null },
  fetch_california_housing: { rows: 20640, features: 8, classes: null },
  fetch_covtype: { rows: 581012, features: 54, classes: 7 },
  fetch_olivetti_faces: { rows: 400, features: 4096, classes: 40, image: [64, 64] },
};

function originOf(path: string | null, range: SourceRange, role: ArrayOrigin['role'], extra?: Record<string, string>): ArrayOrigin {
  const where = path === null ? { kind: 'unknown' as const, range } : { kind: 'file' as const, path, range, ...(extra && { extra }) };
  return { source: new DataOrigin(where, null), role, split: 'train', scale: 1, offset: 0, isOneHot: false };
}

/** The arrays of an `.npz` file, by key. */
class ArrayFile extends HostObject {
  readonly description = 'an archive of arrays';

  constructor(
    private readonly path: string | null,
    private readonly range: SourceRange,
  ) {
    super();
  }

  override getItem(index: Value): Value | undefined {
    const key = stringOf(index);
    if (key === null) return undefined;
    const role = /^(y|label|target)|_(y|labels?)$/i.test(key) ? 'label' : 'input';
    return array(null, originOf(this.path, this.range, role, { key }));
  }

  override getAttribute(name: string): Value | undefined {
    return name === 'close' ? native(name, () => NONE) : undefined;
  }
}

/** A table read from a file: columns and rows are arrays whose lengths are not known. */
class Table extends HostObject {
  readonly description = 'a table';

  constructor(
    private readonly path: string | null,
    private readonly range: SourceRange,
  ) {
    super();
  }

  private values(role: ArrayOrigin['role']): ArrayValue {
    return array(null, originOf(this.path, this.range, role));
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'values':
      case 'iloc':
      case 'loc':
        return this.values('input');
      case 'to_numpy':
      case 'as_matrix':
        return native(name, () => this.values('input'));
      case 'drop':
      case 'dropna':
      case 'fillna':
      case 'sample':
      case 'head':
      case 'reset_index':
      case 'astype':
      case 'copy':
        return native(name, () => host(this));
      case 'pop':
        return native(name, () => this.values('label'));
      default:
        return arrayAttribute(this.values(/label|target|class|^y$/i.test(name) ? 'label' : 'input'), name) ?? this.values('label');
    }
  }

  override getItem(index: Value): Value | undefined {
    return index.kind === 'list' ? host(this) : this.values('label');
  }

  override binary(operator: string, other: Value): Value | undefined {
    const n = numberOf(other);
    const values = this.values('input');
    if (operator === '/' && n && values.origin) return { ...values, origin: { ...values.origin, scale: 1 / n } };
    return values;
  }
}

/** A small data set of scikit-learn. */
class Bunch extends HostObject {
  readonly description = 'a data set of scikit-learn';

  constructor(
    private readonly name: string,
    private readonly range: SourceRange,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    const { rows, features, classes, image } = SMALL_SETS[this.name];
    const origin = originOf(null, this.range, name === 'target' ? 'label' : 'input');
    if (name === 'data') return array([rows, features], origin);
    if (name === 'images' && image) return array([rows, ...image], origin);
    if (name === 'target') return array([rows], origin, classes ?? undefined);
    return undefined;
  }

  override getItem(index: Value): Value | undefined {
    return this.getAttribute(stringOf(index) ?? '');
  }
}

/** `train_test_split(x, y, test_size=…)`: each array in two parts. */
function trainTestSplit(args: Arguments): Value {
  const size = (name: string) => numberOf(args.keywords.get(name));
  const part = (value: Value, isTest: boolean): Value => {
    if (value.kind !== 'array') return value.kind === 'host' ? value : unknown('a part of data that is not known');
    const [count, ...rest] = value.shape ?? [];
    const given = size('test_size') ?? (size('train_size') === null ? 0.25 : null);
    const test = count === null || count === undefined || given === null ? null : given < 1 ? Math.ceil(count * given) : given;
    const length = test === null || count === null || count === undefined ? null : isTest ? test : count - test;
    const origin = value.origin && { ...value.origin, split: isTest ? ('test' as const) : value.origin.split };
    return { ...value, shape: value.shape ? [length, ...rest] : null, origin };
  };
  return tuple(args.positional.flatMap((v) => [part(v, false), part(v, true)]));
}

/** Calls what loads arrays from files: numpy, pandas, scikit-learn. Undefined for everything else. */
export function callDataLoader(path: string, args: Arguments): Value | undefined {
  const file = stringOf(args.positional[0] ?? args.keywords.get('file') ?? args.keywords.get('filepath_or_buffer'));
  switch (path) {
    case 'numpy.load':
      if (file !== null && /\.npz$/i.test(file)) return host(new ArrayFile(file, args.site));
      return array(null, originOf(file, args.site, file !== null && /label|(^|[_/])y[_.]/i.test(file) ? 'label' : 'input'));
    case 'numpy.loadtxt':
    case 'numpy.genfromtxt':
      return array(null, originOf(file, args.site, 'input'));
    case 'pandas.read_csv':
      return host(new Table(file, args.site));
    case 'sklearn.model_selection.train_test_split':
    case 'sklearn.cross_validation.train_test_split':
      return trainTestSplit(args);
    default:
  }
  const name = /^sklearn\.datasets\.(\w+)$/.exec(path)?.[1];
  if (!name || !Object.hasOwn(SMALL_SETS, name)) return undefined;
  const set = new Bunch(name, args.site);
  const wantsPair = args.keywords.get('return_X_y');
  if (wantsPair?.kind === 'bool' && wantsPair.value)
    return tuple([set.getAttribute('data'), set.getAttribute('target')].flatMap((v) => v ?? []));
  return host(set);
}
