import type { JsonObject, JsonValue } from '../../common/json';
import type { Arguments, Value } from '../python/value';
import { UnknownSetting, toJson } from '../keras/toJson';

/** A parameter of a module or function of PyTorch: its name and default; undefined has none. */
export type TorchParameter = [name: string, defaultValue: JsonValue | undefined];

/** Settings from a call, defaults filled in; `defect` says which one is not known and why. */
export interface TorchSettings {
  settings: JsonObject;
  defect: string | null;
}

/** An argument by position or one of its names. */
export function argument(args: Arguments, at: number, ...names: string[]): Value | undefined {
  for (const name of names) {
    const value = args.keywords.get(name);
    if (value) return value;
  }
  return at >= 0 ? args.positional[at] : undefined;
}

/** The same call without its first argument, whichever way it was given. */
export function withoutFirst(args: Arguments, ...names: string[]): { first: Value | undefined; rest: Arguments } {
  const name = names.find((n) => args.keywords.has(n));
  if (args.positional.length === 0 && name) {
    const keywords = new Map(args.keywords);
    keywords.delete(name);
    return { first: args.keywords.get(name), rest: { ...args, keywords } };
  }
  return { first: args.positional[0], rest: { ...args, positional: args.positional.slice(1) } };
}

/** Reads a call's arguments against a parameter list. */
export function readSettings(parameters: TorchParameter[], args: Arguments): TorchSettings {
  const settings: JsonObject = {};
  let defect: string | null = null;
  const put = (name: string, value: Value) => {
    try {
      settings[name] = toJson(value);
    } catch (error) {
      if (!(error instanceof UnknownSetting)) throw error;
      if (!IGNORED.has(name)) defect ??= `its "${name}" is not known (${error.reason})`;
    }
  };
  args.positional.forEach((value, i) => {
    if (i < parameters.length) put(parameters[i][0], value);
  });
  for (const [name, value] of args.keywords) put(name, value);
  if (args.hasUnknownSpread) defect ??= 'its arguments come from values that are not known';
  for (const [name, fallback] of parameters) {
    if (name in settings) continue;
    if (fallback !== undefined) settings[name] = fallback;
    else defect ??= `its "${name}" is missing`;
  }
  return { settings, defect };
}

/** Settings that say where and in which precision numbers are kept, and which word only pads: no shape depends on them. */
const IGNORED = new Set(['device', 'dtype', 'inplace', 'padding_idx']);
