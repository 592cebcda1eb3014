import type { Machine } from '../machine';
import type { Arguments, Value } from '../value';
import { argparseCall } from './argparse';
import { mathCall } from './math';
import { numpyCall } from './numpy';
import { standardCall } from './standard';
import { tensorflowCall } from './tensorflow';

/** Calls a function of the standard library or numpy that the evaluator knows; undefined for all others. */
export function callModule(path: string, args: Arguments, machine: Machine): Value | undefined {
  const [root] = path.split('.', 1);
  switch (root) {
    case 'numpy':
      return numpyCall(path.slice('numpy.'.length), args, machine);
    case 'tensorflow':
      if (path.startsWith('tensorflow.io.')) return standardCall(path, args, machine);
      return tensorflowCall(path.slice('tensorflow.'.length), args, machine);
    case 'math':
      return mathCall(path.slice('math.'.length), args);
    case 'argparse':
      return argparseCall(path, args) ?? standardCall(path, args, machine);
    default:
      return standardCall(path, args, machine);
  }
}
