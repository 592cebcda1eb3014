import { NONE, float, list, str, unknown, type Value } from '../value';

const CONSTANTS: Record<string, Value> = {
  'math.pi': float(Math.PI),
  'math.e': float(Math.E),
  'math.inf': float(Infinity),
  'numpy.pi': float(Math.PI),
  'numpy.e': float(Math.E),
  'numpy.inf': float(Infinity),
  'numpy.nan': float(NaN),
  'numpy.newaxis': NONE,
  'os.sep': str('/'),
  'os.path.sep': str('/'),
  'sys.argv': list([str('program.py')]),
  'sys.version_info': { kind: 'tuple', items: [3, 11, 0].map((value) => ({ kind: 'int', value })), names: ['major', 'minor', 'micro'] },
  'sys.version': str('3.11.0'),
  'os.environ': unknown('the environment of the program'),
};

/** The value of a well-known constant of the standard library or numpy. */
export function moduleConstant(path: string): Value | undefined {
  return Object.hasOwn(CONSTANTS, path) ? CONSTANTS[path] : undefined;
}
