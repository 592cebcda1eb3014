import type { JsonObject, JsonValue } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { arrayItem } from '../python/arrayMethods';
import { array, broadcast } from '../python/arrayValue';
import type { Machine } from '../python/machine';
import { host, numberOf, type Value } from '../python/value';
import { layerDefinition } from './layerTable';
import { impliedLayer } from './makeLayer';
import { applyOp } from './opLayer';
import { ShapeError, shapeText } from './shapes';
import { SymbolicTensor } from './tensor';

const PAIRWISE: Record<string, string> = { '+': 'Add', '-': 'Subtract', '*': 'Multiply' };
const NAMES: Record<string, string> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '**': 'pow',
  '//': 'floordiv',
  '%': 'mod',
};

/** A layer used on tensors, as a value. */
export function useLayer(className: string, settings: JsonObject, inputs: SymbolicTensor[], site: SourceRange): Value | undefined {
  const definition = layerDefinition(className);
  if (!definition) return undefined;
  const { session } = inputs[0].node.layer;
  session.machine.changes++;
  return host(impliedLayer(session, definition, settings, site).apply(inputs, site)[0]);
}

/** `a + b` on tensors: the layer that does the same, else the bare operation. Undefined when the other operand is not known. */
export function applyOperator(
  tensor: SymbolicTensor,
  operator: string,
  other: Value,
  isReversed: boolean,
  site: SourceRange,
  _machine: Machine,
): Value | undefined {
  if (operator === '@') return undefined;
  const { session } = tensor.node.layer;
  const name = NAMES[operator] ?? operator;
  if (other.kind === 'host' && other.object instanceof SymbolicTensor) {
    const pair = isReversed ? [other.object, tensor] : [tensor, other.object];
    if (Object.hasOwn(PAIRWISE, operator)) return useLayer(PAIRWISE[operator], {}, pair, site);
    return host(applyOp(session, name, pair, (shapes) => [broadcastShapes(shapes)], site, settingsOf(name))[0]);
  }
  const constant = numberOf(other);
  const linear = constant === null ? null : linearForm(operator, constant, isReversed);
  if (linear) return useLayer('Rescaling', { scale: linear[0], offset: linear[1] }, [tensor], site);
  const size: Shape | null = constant !== null ? [] : other.kind === 'array' ? other.shape : null;
  const settings = constant === null ? null : settingsOf(name, { constant, is_reversed: isReversed });
  return size ? host(applyOp(session, name, [tensor], ([shape]) => [broadcastShapes([shape, size])], site, settings)[0]) : undefined;
}

/** Settings of an operator that the engine has; null for those without gradients. */
function settingsOf(name: string, settings: JsonObject = {}): JsonObject | null {
  return name === 'floordiv' || name === 'mod' ? null : settings;
}

/** numpy's broadcasting. @throws ShapeError */
export function broadcastShapes(shapes: Shape[]): Shape {
  return shapes.reduce((a, b) => {
    const result = broadcast(a, b);
    if (!result) throw new ShapeError(`it can't combine ${shapes.map(shapeText).join(' and ')}`);
    // An unknown length stays unknown beside a 1.
    return result;
  });
}

/** [scale, offset] of an operation with a constant; null when it is not linear. */
function linearForm(operator: string, c: number, isReversed: boolean): [number, number] | null {
  if (operator === '*') return [c, 0];
  if (operator === '+') return [1, c];
  if (operator === '-') return isReversed ? [-1, c] : [1, -c];
  return operator === '/' && !isReversed && c !== 0 ? [1 / c, 0] : null;
}

/** `tensor[…]`. */
export function sliceTensor(tensor: SymbolicTensor, index: Value, site: SourceRange): Value | undefined {
  const { session } = tensor.node.layer;
  const isKnown = (v: Value): boolean => (v.kind === 'tuple' ? v.items.every(isKnown) : v.kind !== 'unknown');
  if (!isKnown(index)) return undefined;
  const shapeOf = ([shape]: Shape[]): Shape[] => {
    const item = arrayItem(array(shape), index);
    if (item.kind !== 'array' || !item.shape) throw new ShapeError('the part that is taken is not known');
    return [item.shape];
  };
  const items = sliceItems(index);
  return host(applyOp(session, 'getitem', [tensor], shapeOf, site, items && { items })[0]);
}

/** An index as the engine takes it; null when a part of it is no number or slice, or takes from the batch. */
function sliceItems(index: Value): JsonValue[] | null {
  const bound = (v: Value): number | null | undefined => (v.kind === 'none' ? null : (numberOf(v) ?? undefined));
  const items = (index.kind === 'tuple' ? index.items : [index]).map((part): JsonValue | undefined => {
    if (part.kind === 'none' || (part.kind === 'external' && part.path.endsWith('.newaxis'))) return 'newaxis';
    if (part.kind === 'ellipsis') return 'ellipsis';
    if (part.kind !== 'slice') return numberOf(part) ?? undefined;
    const [start, stop, step] = [part.lower, part.upper, part.step].map(bound);
    return start === undefined || stop === undefined || step === undefined ? undefined : { start, stop, step };
  });
  const [first] = items;
  const keepsBatch =
    first === 'ellipsis' ||
    (typeof first === 'object' && first !== null && 'start' in first && [first.start, first.stop, first.step].every((n) => n === null));
  return items.includes(undefined) || !keepsBatch ? null : (items as JsonValue[]);
}
