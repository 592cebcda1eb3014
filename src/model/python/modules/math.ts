import { float, int, numberOf, unknown, type Arguments, type Value } from '../value';

const whole: Record<string, (n: number) => number> = { ceil: Math.ceil, floor: Math.floor, trunc: Math.trunc };

const real: Record<string, (a: number, b: number) => number> = {
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: (a, b) => (Number.isNaN(b) ? Math.log(a) : Math.log(a) / Math.log(b)),
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  pow: (a, b) => a ** b,
  fabs: Math.abs,
};

/** A function of the module `math`. */
export function mathCall(name: string, args: Arguments): Value | undefined {
  const [a, b] = args.positional.map(numberOf);
  if (a === null || a === undefined) return unknown(`math.${name}() of a value that is not known`);
  if (Object.hasOwn(whole, name)) return int(whole[name](a));
  if (Object.hasOwn(real, name)) return float(real[name](a, b ?? NaN));
  if (name === 'prod') return undefined;
  return undefined;
}
