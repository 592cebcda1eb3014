import { iterate } from './iterate';
import { formatValue } from './text';
import { bool, int, list, native, numberOf, str, stringOf, tuple, unknown, type Arguments, type Value } from './value';

type Method = (text: string, args: Arguments) => Value;

const argument = (args: Arguments, i: number): string | null => stringOf(args.positional[i]);

const trimWith = (text: string, characters: string | null, start: boolean, end: boolean): string => {
  const isCut = (c: string) => (characters === null ? /\s/.test(c) : characters.includes(c));
  let [from, to] = [0, text.length];
  while (start && from < to && isCut(text[from])) from++;
  while (end && to > from && isCut(text[to - 1])) to--;
  return text.slice(from, to);
};

function affixes(value: Value | undefined): string[] {
  if (value?.kind === 'tuple') return value.items.map((v) => stringOf(v) ?? '\0');
  return [stringOf(value) ?? '\0'];
}

const methods: Record<string, Method> = {
  lower: (t) => str(t.toLowerCase()),
  upper: (t) => str(t.toUpperCase()),
  title: (t) => str(t.replace(/[A-Za-z]+/g, (w) => w[0].toUpperCase() + w.slice(1).toLowerCase())),
  capitalize: (t) => str(t.slice(0, 1).toUpperCase() + t.slice(1).toLowerCase()),
  strip: (t, args) => str(trimWith(t, argument(args, 0), true, true)),
  lstrip: (t, args) => str(trimWith(t, argument(args, 0), true, false)),
  rstrip: (t, args) => str(trimWith(t, argument(args, 0), false, true)),
  startswith: (t, args) => bool(affixes(args.positional[0]).some((a) => t.startsWith(a))),
  endswith: (t, args) => bool(affixes(args.positional[0]).some((a) => t.endsWith(a))),
  replace: (t, args) => str(t.split(argument(args, 0) ?? '\0').join(argument(args, 1) ?? '')),
  split: (t, args) => {
    const separator = argument(args, 0);
    const limit = numberOf(args.positional[1] ?? args.keywords.get('maxsplit')) ?? -1;
    const parts = separator === null ? t.trim().split(/\s+/).filter(Boolean) : t.split(separator);
    if (limit >= 0 && parts.length > limit + 1) parts.splice(limit, parts.length, parts.slice(limit).join(separator ?? ' '));
    return list(parts.map(str));
  },
  rsplit: (t, args) => {
    const separator = argument(args, 0) ?? ' ';
    const limit = numberOf(args.positional[1] ?? args.keywords.get('maxsplit')) ?? -1;
    const parts = t.split(separator);
    if (limit >= 0 && parts.length > limit + 1) parts.splice(0, parts.length - limit, parts.slice(0, parts.length - limit).join(separator));
    return list(parts.map(str));
  },
  splitlines: (t) => list(t.split(/\r?\n/).map(str)),
  partition: (t, args) => {
    const separator = argument(args, 0) ?? ' ';
    const at = t.indexOf(separator);
    return tuple((at < 0 ? [t, '', ''] : [t.slice(0, at), separator, t.slice(at + separator.length)]).map(str));
  },
  find: (t, args) => int(t.indexOf(argument(args, 0) ?? '\0')),
  index: (t, args) => int(t.indexOf(argument(args, 0) ?? '\0')),
  count: (t, args) => int(t.split(argument(args, 0) ?? '\0').length - 1),
  isdigit: (t) => bool(/^\d+$/.test(t)),
  encode: (t) => str(t),
  decode: (t) => str(t),
  zfill: (t, args) => str(t.padStart(Math.min(numberOf(args.positional[0]) ?? 0, 1000), '0')),
};

/** A bound method of a str; undefined when there is none of that name. */
export function stringMethod(text: string, name: string): Value | undefined {
  if (name === 'format') return native(name, (args) => formatFields(text, args));
  if (name === 'join') {
    return native(name, (args, machine) => {
      const items = iterate(args.positional[0] ?? { kind: 'none' }, machine)?.map(stringOf);
      return !items || items.includes(null) ? unknown('a joined text') : str(items.join(text));
    });
  }
  return Object.hasOwn(methods, name) ? native(name, (args) => methods[name](text, args)) : undefined;
}

function formatFields(text: string, args: Arguments): Value {
  let next = 0;
  let failed = false;
  const result = text.replace(
    /\{\{|\}\}|\{([^{}:!]*)(?:!\w)?(?::([^{}]*))?\}/g,
    (whole, name: string | undefined, specification: string | undefined) => {
      if (whole === '{{' || whole === '}}') return whole[0];
      const value = !name ? args.positional[next++] : /^\d+$/.test(name) ? args.positional[Number(name)] : args.keywords.get(name);
      const field = value ? formatValue(value, specification ?? '') : null;
      if (field === null) failed = true;
      return field ?? '';
    },
  );
  return failed ? unknown('a formatted text') : str(result);
}

/** `text % values`. */
export function percentFormat(text: string, values: Value): Value {
  const items = values.kind === 'tuple' ? values.items : [values];
  let next = 0;
  let failed = false;
  const result = text.replace(
    /%%|%(?:\((\w+)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([sdifgexr])/g,
    (whole, key, flags, width, precision, type) => {
      if (whole === '%%') return '%';
      const value: Value | undefined = key ? (values.kind === 'dict' ? values.entries.get(`s:${key}`)?.value : undefined) : items[next++];
      if (!value) {
        failed = true;
        return '';
      }
      const isInteger = type === 'd' || type === 'i';
      const n = numberOf(value);
      const plain: Value = isInteger && n !== null ? int(Math.trunc(n)) : value;
      const zero = String(flags).includes('0') ? '0' : '';
      const specification = `${zero}${width ?? ''}${precision ? `.${precision}` : ''}${'feg'.includes(type) ? type : ''}`;
      const field = formatValue(plain, specification);
      if (field === null) failed = true;
      return field ?? '';
    },
  );
  return failed ? unknown('a formatted text') : str(result);
}
