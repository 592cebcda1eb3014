import { NONE, bool, int, list, native, numberOf, str, stringOf, unknown, type Value } from '../python/value';
import { countItems } from '../python/budget';
import { number } from './scriptValues';

type TextMethod = (self: string, args: Value[]) => Value | string | boolean | number;

/** Numbers that a method takes; what is left out is `fallback`. */
const num = (v: Value | undefined, fallback: number): number => numberOf(v) ?? fallback;

const textMethods: Record<string, TextMethod> = {
  toLowerCase: (s) => s.toLowerCase(),
  toUpperCase: (s) => s.toUpperCase(),
  trim: (s) => s.trim(),
  trimStart: (s) => s.trimStart(),
  trimEnd: (s) => s.trimEnd(),
  toString: (s: string) => s,
  slice: (s, [from, to]) => s.slice(num(from, 0), num(to, s.length)),
  substring: (s, [from, to]) => s.substring(num(from, 0), num(to, s.length)),
  substr: (s, [from, count]) => s.slice(num(from, 0)).slice(0, num(count, s.length)),
  charAt: (s, [i]) => s.charAt(num(i, 0)),
  at: (s, [i]) => s.at(num(i, 0)) ?? '',
  charCodeAt: (s, [i]) => (num(i, 0) < s.length ? s.charCodeAt(num(i, 0)) : unknown('the code of a letter that is not there')),
  concat: (s, args) => s + args.map((v) => stringOf(v) ?? '').join(''),
  repeat: (s, [count]) => {
    const times = Math.max(0, Math.min(num(count, 0), 10_000));
    countItems((s.length * times) / 8);
    return s.repeat(times);
  },
  padStart: (s, [length, fill]) => s.padStart(Math.min(num(length, 0), 1000), stringOf(fill) ?? ' '),
  padEnd: (s, [length, fill]) => s.padEnd(Math.min(num(length, 0), 1000), stringOf(fill) ?? ' '),
};

/** Methods that look for another text; with a pattern, what they give is not known. */
const searches: Record<string, (self: string, part: string, args: Value[]) => Value | string | boolean | number> = {
  split: (s, part) => {
    countItems(s.length);
    return list(s.split(part).map(str));
  },
  includes: (s, part) => s.includes(part),
  startsWith: (s, part) => s.startsWith(part),
  endsWith: (s, part) => s.endsWith(part),
  indexOf: (s, part) => s.indexOf(part),
  lastIndexOf: (s, part) => s.lastIndexOf(part),
  replace: (s, part, [, by]) => (by?.kind === 'str' ? s.replace(part, () => by.value) : unknown('a text with something replaced')),
  replaceAll: (s, part, [, by]) => (by?.kind === 'str' ? s.split(part).join(by.value) : unknown('a text with something replaced')),
};

/** A property of a text; undefined when there is none of that name. */
export function textMember(self: string, name: string): Value | undefined {
  if (name === 'length') return int(self.length);
  if (/^\d+$/.test(name)) return self[Number(name)] === undefined ? NONE : str(self[Number(name)]);
  if (Object.hasOwn(textMethods, name)) return native(name, (args) => toValue(textMethods[name](self, args.positional)));
  if (!Object.hasOwn(searches, name)) return undefined;
  return native(name, ({ positional }) => {
    const part = stringOf(positional[0]);
    return part === null ? unknown(`what ${name}() of a text gives`) : toValue(searches[name](self, part, positional));
  });
}

function toValue(result: Value | string | boolean | number): Value {
  if (typeof result === 'string') return str(result);
  if (typeof result === 'number') return number(result);
  return typeof result === 'boolean' ? bool(result) : result;
}
