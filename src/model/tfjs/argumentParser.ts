import { HostObject } from '../python/hostObject';
import { FALSE, TRUE, NONE, dict, host, native, stringOf, unknown, type Value } from '../python/value';
import { field } from './scriptValues';

/** The `argparse` package for Node: a program without arguments gets every argument's default. */
export class ArgumentParser extends HostObject {
  readonly description = 'an argument parser';
  private readonly defaults = new Map<string, Value>();

  override getAttribute(name: string): Value {
    switch (name) {
      case 'addArgument':
      case 'add_argument':
        return native(name, (args) => this.add(args.positional));
      case 'parseArgs':
      case 'parse_args':
        return native(name, () => dict(this.defaults));
      case 'addArgumentGroup':
      case 'add_argument_group':
        return native(name, () => host(this));
      default:
        return native(name, () => NONE);
    }
  }

  /** `addArgument('--epochs', {type: 'int', defaultValue: 5})`; flags may be a list, and newer versions say `default`. */
  private add(given: Value[]): Value {
    const flags = given.flatMap((v) => (v.kind === 'list' ? v.items : [v])).flatMap((v) => stringOf(v) ?? []);
    const options = given.find((v) => v.kind === 'dict');
    const option = (name: string) => (options ? field(options, name) : undefined);
    const long = flags.find((f) => f.startsWith('--')) ?? flags[0] ?? '';
    const name = stringOf(option('dest')) ?? long.replace(/^-+/, '').replace(/-/g, '_');
    const action = stringOf(option('action'));
    const implied = /^store_?true$/i.test(action ?? '') ? FALSE : /^store_?false$/i.test(action ?? '') ? TRUE : null;
    this.defaults.set(
      name,
      option('defaultValue') ?? option('default') ?? implied ?? unknown(`the command-line argument "${name}" has no default`),
    );
    return NONE;
  }
}
