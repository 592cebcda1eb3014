import type { PickleGlobal } from './pickleValue';

/** Modules whose names in a pickle stand for data, not for doing something. */
const HARMLESS =
  /^(torch(vision|audio)?|numpy|collections|_codecs|copyreg|copy_reg|__torch__|argparse|pathlib|datetime|enum|ml_dtypes|joblib|sklearn|scipy)([._]|$)/;
const BUILTINS =
  /^(builtins|__builtin__)\.(set|frozenset|list|dict|tuple|bytearray|object|int|float|bool|str|bytes|complex|slice|range|long|unicode)$/;

/** Says which functions and classes of unknown code loading the pickle in Python would run or import. */
export function warnOfGlobals(globals: ReadonlyMap<string, PickleGlobal>): string[] {
  const odd = [...globals.values()].filter((g) => !HARMLESS.test(g.module) && !BUILTINS.test(g.path)).map((g) => g.path);
  if (odd.length === 0) return [];
  const shown = odd.slice(0, 8).map((p) => JSON.stringify(p.slice(0, 80)).slice(1, -1));
  const more = odd.length > shown.length ? ` and ${odd.length - shown.length} more` : '';
  return [`loading this file in Python would use code outside of it: ${shown.join(', ')}${more}; nothing of it was run here`];
}
