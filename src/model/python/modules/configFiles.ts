import type { JsonValue } from '../../../common/json';
import { HostObject } from '../hostObject';
import type { Machine } from '../machine';
import { NONE, bool, dict, float, int, list, native, str, stringOf, unknown, host, type Arguments, type Value } from '../value';
import { namespaceOf } from './argparse';
import { parseYaml } from './yaml';

/** `open(path)`: read when the program asks for its text. */
class TextFile extends HostObject {
  readonly description = 'a file';

  constructor(readonly path: string) {
    super();
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    if (name === '__enter__') return native(name, () => host(this));
    if (name !== 'read') return native(name, () => unknown(`what ${name}() of a file gives`));
    return native(name, () => {
      const text = machine.disk?.text(this.path) ?? null;
      return text === null ? unknown(`the text of "${this.path}"`) : str(text);
    });
  }
}

/** `open(path)`; a file that is not named can't be read. */
export function openFile(args: Arguments): Value {
  const path = stringOf(args.positional[0] ?? args.keywords.get('file'));
  const mode = stringOf(args.positional[1] ?? args.keywords.get('mode')) ?? 'r';
  return path === null || !/^rt?$/.test(mode) ? unknown('a file') : host(new TextFile(path));
}

/** A JSON value among Python's. */
function fromJson(json: JsonValue): Value {
  if (json === null) return NONE;
  if (typeof json === 'boolean') return bool(json);
  if (typeof json === 'number') return Number.isInteger(json) ? int(json) : float(json);
  if (typeof json === 'string') return str(json);
  return Array.isArray(json) ? list(json.map(fromJson)) : dict(Object.entries(json).map(([k, v]): [string, Value] => [k, fromJson(v)]));
}

/** What a file or text of settings holds. */
function parsed(args: Arguments, machine: Machine, parse: (text: string) => JsonValue): Value {
  const [source] = args.positional;
  const file = source?.kind === 'host' && source.object instanceof TextFile ? source.object.path : null;
  const text = file === null ? stringOf(source) : (machine.disk?.text(file) ?? null);
  if (text === null) return unknown(file === null ? 'the settings in a file' : `the settings in "${file}", which is not there`);
  try {
    const value = fromJson(parse(text));
    if (file !== null) machine.note('info', 'read-from-disk', `The settings are those in "${file}" now.`, args.site);
    return value;
  } catch {
    return unknown(file === null ? 'a text that is no JSON or YAML' : `the settings in "${file}", which is not valid`);
  }
}

const json = (args: Arguments, machine: Machine) => parsed(args, machine, (text) => JSON.parse(text) as JsonValue);
const yaml = (args: Arguments, machine: Machine) => parsed(args, machine, parseYaml);

/** An object with attributes, from keywords or one dict. */
function attributes(args: Arguments): Value {
  const [first] = args.positional;
  const given = first?.kind === 'dict' ? [...first.entries.values()].map((e): [string, Value] => [stringOf(e.key) ?? '', e.value]) : [];
  if (first && first.kind !== 'dict') return first.kind === 'unknown' ? first : unknown('settings that are not known');
  return namespaceOf([...given, ...args.keywords]);
}

/** Settings from files, and objects that hold them. */
export const configFunctions: Record<string, (args: Arguments, machine: Machine) => Value> = {
  'json.load': json,
  'json.loads': json,
  'yaml.load': yaml,
  'yaml.safe_load': yaml,
  'yaml.full_load': yaml,
  'types.SimpleNamespace': attributes,
  'argparse.Namespace': attributes,
  'easydict.EasyDict': attributes,
  'addict.Dict': attributes,
  'munch.Munch': attributes,
  'munch.munchify': attributes,
  'box.Box': attributes,
  'ml_collections.ConfigDict': attributes,
  'omegaconf.OmegaConf.create': attributes,
};
