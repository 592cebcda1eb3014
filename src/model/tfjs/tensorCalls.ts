import { SymbolicTensor } from '../keras/tensor';
import { callOnTensors } from '../keras/tensorFunctions';
import { sliceTensor, useLayer } from '../keras/tensorOperators';
import type { Machine } from '../python/machine';
import { NONE, int, list, numberOf, type Arguments, type Value } from '../python/value';
import { snakeCase } from './tfSettings';

/** Operations of TF.js whose names in TensorFlow are others than the same in snake case. */
const NAMES: Record<string, string> = {
  mul: 'multiply',
  sub: 'subtract',
  div: 'divide',
  neg: 'negative',
  matMul: 'matmul',
  resizeBilinear: 'resize',
};

/** Methods that join a tensor with those that they are given. */
const JOINING = /^(concat|stack)$/;

/** What flattens or counts the batch as well, which a model never does. */
const OVER_BATCH = /^(flatten|as1D|as2D|as3D|shape)$/;

/**
 * An operation of TF.js (`tf.mul`, `tf.image.resizeBilinear`) on tensors of a model, in a layer of the script's own.
 * @returns what comes out, as the layers or operations that do the same; undefined when it is none of these, or not on such tensors
 */
export function callOperation(name: string, args: Arguments, machine: Machine): Value | undefined {
  const [first = NONE, second = NONE, third = NONE] = args.positional;
  if (OVER_BATCH.test(name)) return undefined;
  const tensor = tensorIn(first);
  if (tensor && name === 'slice') return sliceTensor(tensor, sliceIndex(second, third), args.site);
  if (tensor && name === 'resizeNearestNeighbor' && second.kind === 'list') {
    const [height, width] = second.items.map(numberOf);
    return useLayer('Resizing', { height, width, interpolation: 'nearest' }, [tensor], args.site);
  }
  // A third argument is a value in TF.js, and a mode in TensorFlow.
  if (name === 'pad' && args.positional.length > 2) return undefined;
  const operation = Object.hasOwn(NAMES, name) ? NAMES[name] : snakeCase(name);
  return callOnTensors(`tensorflow.${operation}`, args, machine);
}

/** The same as a method of a tensor: `x.mul(y)`. */
export function callMethod(tensor: Value, name: string, args: Arguments, machine: Machine): Value | undefined {
  const [first = NONE, ...rest] = args.positional;
  const positional = JOINING.test(name)
    ? [list([tensor, ...(first.kind === 'list' ? first.items : [first])]), ...rest]
    : [tensor, ...args.positional];
  return callOperation(name, { ...args, positional }, machine);
}

/** Layers hand lists of one tensor to their `call`. */
function tensorIn(value: Value): SymbolicTensor | null {
  if (value.kind === 'list' && value.items.length === 1) return tensorIn(value.items[0]);
  return value.kind === 'host' && value.object instanceof SymbolicTensor ? value.object : null;
}

/** `slice(begin, size)` as an index; a size of -1 goes on to the end. The batch is never cut. */
function sliceIndex(begin: Value, size: Value): Value {
  const starts = begin.kind === 'list' ? begin.items.map(numberOf) : [numberOf(begin)];
  const sizes = size.kind === 'list' ? size.items.map(numberOf) : [numberOf(size)];
  return {
    kind: 'tuple',
    items: starts.map((start, i) => {
      const length = sizes[i] ?? -1;
      const isWhole = i === 0 || (start === 0 && length === -1);
      const from = start ?? 0;
      return {
        kind: 'slice',
        lower: isWhole ? NONE : int(from),
        upper: isWhole || length === -1 ? NONE : int(from + length),
        step: NONE,
      };
    }),
  };
}
