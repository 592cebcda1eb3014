import type { ArrayShape } from '../../common/dataSpec';
import type { SourceRange } from '../../common/modelSpec';
import { array } from '../python/arrayValue';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { NONE, host, list, native, numberOf, str, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { originOf } from './dataOrigin';
import { Table } from './table';

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

/** The arrays of an `.npz` file, by key. */
class ArrayFile extends HostObject {
  readonly description = 'an archive of arrays';

  constructor(
    private readonly path: string | null,
    private readonly range: SourceRange,
    /** As the file on disk has them. */
    private readonly arrays: readonly ArrayShape[] | null,
  ) {
    super();
  }

  override getItem(index: Value): Value | undefined {
    const key = stringOf(index);
    if (key === null) return undefined;
    const shape = this.arrays?.find((a) => a.name === key)?.shape;
    const role = /^(y|label|target)|_(y|labels?)$/i.test(key) ? 'label' : 'input';
    return array(shape ? [...shape] : null, originOf(this.path, this.range, role, { key }));
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'files') return this.arrays ? list(this.arrays.map((a) => str(a.name))) : undefined;
    return name === 'close' ? native(name, () => NONE) : undefined;
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

/** Shapes decide the size of a network: where they come from is told. */
function noteShapes(machine: Machine, file: string, arrays: readonly ArrayShape[], args: Arguments): void {
  const some = arrays.slice(0, 4).map((a) => `${a.name} (${a.shape.join(', ')})`);
  const text = arrays.length === 1 ? `(${arrays[0].shape.join(', ')})` : [...some, ...(arrays.length > 4 ? ['…'] : [])].join(', ');
  machine.note('info', 'read-from-disk', `"${file}" holds ${text} on disk now.`, args.site);
}

/** Calls what loads arrays from files: numpy, pandas, scikit-learn. Undefined for everything else. */
export function callDataLoader(path: string, args: Arguments, machine: Machine): Value | undefined {
  const file = stringOf(args.positional[0] ?? args.keywords.get('file') ?? args.keywords.get('filepath_or_buffer'));
  switch (path) {
    case 'numpy.load': {
      const arrays = file === null ? null : (machine.disk?.arrays(file) ?? null);
      if (arrays) noteShapes(machine, file ?? '', arrays, args);
      if (file !== null && /\.npz$/i.test(file)) return host(new ArrayFile(file, args.site, arrays));
      const shape = arrays?.length === 1 ? [...arrays[0].shape] : null;
      return array(shape, originOf(file, args.site, file !== null && /label|(^|[_/])y[_.]/i.test(file) ? 'label' : 'input'));
    }
    case 'numpy.loadtxt':
    case 'numpy.genfromtxt':
      return array(null, originOf(file, args.site, 'input'));
    case 'pandas.read_csv':
      return host(Table.read(file, args, machine));
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
