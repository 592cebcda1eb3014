import { PickleBytes, PickleDict, PickleGlobal, PickleList, PickleObject, PickleTuple, itemsOf, type PickleValue } from './pickleValue';

/**
 * Describes the call that a pickle wants. Containers of the standard library become containers; everything else stays the
 * description of a call that nobody makes.
 */
export function reduce(callable: PickleValue, args: PickleValue[]): PickleValue {
  if (!(callable instanceof PickleGlobal)) return new PickleObject(callable, args);
  switch (callable.path) {
    case 'collections.OrderedDict':
    case 'collections.defaultdict':
    case 'collections.Counter':
    case 'builtins.dict':
    case '__builtin__.dict':
      return dictOf(args);
    case 'builtins.set':
    case '__builtin__.set':
    case 'builtins.frozenset':
    case '__builtin__.frozenset':
    case 'builtins.list':
    case '__builtin__.list':
    case 'collections.deque':
      return new PickleList(itemsOf(args[0]).slice());
    case 'builtins.tuple':
    case '__builtin__.tuple':
    case 'torch.Size':
      return new PickleTuple(itemsOf(args[0]).slice());
    case 'builtins.bytearray':
    case '__builtin__.bytearray':
    case 'pickle.PickleBuffer':
      return args[0] ?? null;
    case '_codecs.encode':
      return encoded(args);
    case 'copy_reg._reconstructor':
    case 'copyreg._reconstructor':
      return new PickleObject(args[0] ?? null, []);
    default:
      return new PickleObject(callable, args);
  }
}

/** Bytes written as text by Python 3 in protocols below 3: every character is one byte. */
function encoded(args: PickleValue[]): PickleValue {
  const [text, encoding] = args;
  if (!/^(latin-?1|iso-?8859-?1)$/i.test(String(encoding))) return new PickleObject(new PickleGlobal('_codecs', 'encode'), args);
  return text instanceof PickleBytes || typeof text === 'string' ? text : null;
}

function dictOf(args: PickleValue[]): PickleDict {
  const dict = new PickleDict();
  for (const arg of args) {
    if (arg instanceof PickleDict) for (const [k, v] of arg.entries) dict.entries.set(k, v);
    for (const pair of itemsOf(arg)) {
      const [key, value] = itemsOf(pair);
      if (key !== undefined && value !== undefined) dict.entries.set(key, value);
    }
  }
  return dict;
}
