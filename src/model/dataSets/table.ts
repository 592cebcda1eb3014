import type { SourceRange } from '../../common/modelSpec';
import { array, type ArrayOrigin, type ArrayValue } from '../python/arrayValue';
import { arrayAttribute } from '../python/arrayMethods';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { sliceBounds } from '../python/subscript';
import { host, int, list, native, numberOf, str, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { originOf } from './dataOrigin';

const LABEL = /label|target|class|^y$/i;
/** What gives a table with the same columns. */
const COPIES = new Set('dropna fillna sample head tail reset_index astype copy sort_values replace query'.split(' '));

/** A table read from a file: its columns are known when the file is there, the number of its rows is not. */
export class Table extends HostObject {
  readonly description = 'a table';

  private constructor(
    private readonly path: string | null,
    private readonly range: SourceRange,
    /** In order; null when the file is not there. */
    private readonly columns: readonly string[] | null,
  ) {
    super();
  }

  /** `pandas.read_csv(file)`. */
  static read(file: string | null, args: Arguments, machine: Machine): Table {
    const separator = args.keywords.get('sep') ?? args.keywords.get('delimiter');
    const isPlain = !separator || stringOf(separator) === ',';
    const found = file === null || !isPlain ? null : (machine.disk?.columns(file) ?? null);
    const indexed = args.keywords.get('index_col');
    const at = numberOf(indexed);
    const name = at !== null ? found?.[at] : stringOf(indexed);
    const columns = found && name !== undefined ? found.filter((c) => c !== name) : found;
    if (columns) machine.note('info', 'read-from-disk', `"${file}" has ${columns.length} columns on disk now.`, args.site);
    return new Table(file, args.site, columns);
  }

  private with(columns: readonly string[] | null): Value {
    return host(new Table(this.path, this.range, columns));
  }

  private values(): ArrayValue {
    return array(this.columns ? [null, this.columns.length] : null, originOf(this.path, this.range, 'input'));
  }

  private column(role: ArrayOrigin['role']): ArrayValue {
    return array(this.columns ? [null] : null, originOf(this.path, this.range, role));
  }

  override getAttribute(name: string): Value | undefined {
    if (COPIES.has(name)) return native(name, () => host(this));
    switch (name) {
      case 'values':
        return this.values();
      case 'iloc':
      case 'loc':
        return host(new Places(this, name === 'iloc'));
      case 'to_numpy':
      case 'as_matrix':
        return native(name, () => this.values());
      case 'shape':
        return this.columns ? tuple([unknown('the number of rows of a table'), int(this.columns.length)]) : unknown('the shape of a table');
      case 'columns':
        return this.columns ? list(this.columns.map(str)) : unknown('the columns of a table');
      case 'drop':
        return native(name, (args) => this.drop(args));
      case 'pop':
        return native(name, () => this.column('label'));
      default:
        return arrayAttribute(this.column(LABEL.test(name) ? 'label' : 'input'), name) ?? this.column('label');
    }
  }

  /** `drop('label', axis=1)`, `drop(columns=[…])`; rows otherwise. */
  private drop(args: Arguments): Value {
    const named = args.keywords.get('columns');
    const axis = args.keywords.get('axis') ?? args.positional[1];
    const given =
      named ?? (numberOf(axis) === 1 || stringOf(axis) === 'columns' ? (args.positional[0] ?? args.keywords.get('labels')) : null);
    if (!given || !this.columns) return host(this);
    const names = given.kind === 'list' || given.kind === 'tuple' ? given.items.map(stringOf) : [stringOf(given)];
    return this.with(names.includes(null) ? null : this.columns.filter((c) => !names.includes(c)));
  }

  /** Columns by their places: `iloc[:, 1:]`. */
  taken(index: Value): Value {
    const at = numberOf(index);
    if (at !== null) {
      const isLabel = at === -1 || at === (this.columns?.length ?? 0) - 1 || LABEL.test(this.columns?.at(at) ?? '');
      return this.column(isLabel ? 'label' : 'input');
    }
    const bounds = index.kind === 'slice' && this.columns ? sliceBounds(index, this.columns.length) : null;
    if (bounds?.step === 1) return this.with(this.columns!.slice(bounds.start, bounds.stop));
    return this.with(null);
  }

  override getItem(index: Value): Value | undefined {
    if (index.kind === 'list') {
      const names = index.items.map(stringOf);
      return this.with(names.includes(null) ? null : (names as string[]));
    }
    const name = stringOf(index);
    // Rows by a condition.
    if (name === null) return host(this);
    return this.column(LABEL.test(name) || !this.columns ? 'label' : 'input');
  }

  override iterate(): Value[] | undefined {
    return this.columns?.map(str);
  }

  override binary(operator: string, other: Value): Value | undefined {
    const n = numberOf(other);
    const values = this.values();
    if (operator === '/' && n && values.origin) return { ...values, origin: { ...values.origin, scale: 1 / n } };
    return values;
  }
}

/** `table.iloc` and `table.loc`. */
class Places extends HostObject {
  readonly description = 'the places of a table';

  constructor(
    private readonly table: Table,
    private readonly isByNumber: boolean,
  ) {
    super();
  }

  override getItem(index: Value): Value | undefined {
    const columns = index.kind === 'tuple' ? index.items[1] : undefined;
    if (!columns) return host(this.table);
    if (this.isByNumber) return this.table.taken(columns);
    return stringOf(columns) !== null || columns.kind === 'list' ? this.table.getItem(columns) : this.table.taken({ kind: 'none' });
  }
}
