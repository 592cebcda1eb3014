import { HostObject } from '../hostObject';
import type { Machine } from '../machine';
import { textOf } from '../text';
import { dictMethod } from '../dictMethods';
import {
  FALSE,
  NONE,
  TRUE,
  dict,
  float,
  host,
  int,
  native,
  numberOf,
  str,
  stringOf,
  tuple,
  unknown,
  type Arguments,
  type DictValue,
  type Value,
} from '../value';

/** `argparse.ArgumentParser()`: a program without arguments gets every argument's default. */
class ArgumentParser extends HostObject {
  readonly description = 'an argument parser';
  private readonly defaults = new Map<string, Value>();

  override getAttribute(name: string): Value {
    switch (name) {
      case 'add_argument':
        return native(name, (args) => this.add(args));
      case 'parse_args':
        return native(name, () => host(new Namespace(this.defaults)));
      case 'parse_known_args':
        return native(name, () => tuple([host(new Namespace(this.defaults)), unknown('further arguments')]));
      case 'add_argument_group':
      case 'add_mutually_exclusive_group':
        return native(name, () => host(this));
      case 'set_defaults':
        return native(name, (args) => {
          for (const [k, v] of args.keywords) this.defaults.set(k, v);
          return NONE;
        });
      default:
        return native(name, () => NONE);
    }
  }

  private add(args: Arguments): Value {
    const flags = args.positional.map((v) => stringOf(v) ?? '');
    const long = flags.find((f) => f.startsWith('--')) ?? flags[0] ?? '';
    const name = stringOf(args.keywords.get('dest')) ?? long.replace(/^-+/, '').replace(/-/g, '_');
    const action = stringOf(args.keywords.get('action'));
    const given = args.keywords.get('default');
    const implied = action === 'store_true' ? FALSE : action === 'store_false' ? TRUE : NONE;
    const isRequired = !long.startsWith('-') || args.keywords.get('required')?.kind === 'bool';
    const missing = isRequired && !given ? unknown(`the command-line argument "${name}" has no default`) : implied;
    this.defaults.set(name, given ? convert(given, args.keywords.get('type')) : missing);
    return NONE;
  }
}

/** A text default goes through the argument's type, as in argparse. */
function convert(value: Value, type: Value | undefined): Value {
  const text = stringOf(value);
  if (text === null || type?.kind !== 'external') return value;
  if (type.path === 'builtins.int') return int(parseInt(text, 10));
  if (type.path === 'builtins.float') return float(Number(text));
  return type.path === 'builtins.str' ? str(text) : value;
}

class Namespace extends HostObject {
  readonly description = 'an object that holds settings';

  constructor(private readonly values: Map<string, Value>) {
    super();
  }

  override getAttribute(name: string): Value {
    const known = this.values.get(name);
    if (known) return known;
    // What dicts have too.
    if (name === '__dict__') return this.fields;
    if (/^(get|items|keys|values|pop|setdefault)$/.test(name)) return dictMethod(this.fields as DictValue, name) ?? unknown(name);
    return unknown(`the setting "${name}"`);
  }

  override setAttribute(name: string, value: Value, machine: Machine): boolean {
    machine.journal.recordMap(this.values, name);
    this.values.set(name, value);
    return true;
  }

  override getItem(index: Value): Value {
    return this.getAttribute(textOf(index) ?? String(numberOf(index)));
  }

  override setItem(index: Value, value: Value, machine: Machine): boolean {
    return this.setAttribute(textOf(index) ?? '', value, machine);
  }

  /** `vars(arguments)`. */
  get fields(): Value {
    return dict(this.values);
  }
}

/** Settings as attributes; dicts in them become such objects as well. */
export function namespaceOf(entries: Iterable<[string, Value]>): Value {
  const inner = (value: Value): Value => {
    if (value.kind !== 'dict') return value;
    const found = [...value.entries.values()].map((e): [string, Value] => [stringOf(e.key) ?? '', e.value]);
    return found.every(([name]) => name !== '') ? namespaceOf(found) : value;
  };
  return host(new Namespace(new Map([...entries].map(([name, value]): [string, Value] => [name, inner(value)]))));
}

/** The attributes of an object that holds settings; undefined for others. */
export function fieldsOf(value: Value | undefined): Value | undefined {
  return value?.kind === 'host' && value.object instanceof Namespace ? value.object.fields : undefined;
}

/** A function of the module `argparse`. */
export function argparseCall(path: string, _args: Arguments): Value | undefined {
  return path === 'argparse.ArgumentParser' ? host(new ArgumentParser()) : undefined;
}
