import type { SourceRange } from '../../common/modelSpec';
import type { Machine } from '../python/machine';
import { host, numberOf, type Value } from '../python/value';
import { layerDefinition } from './layerTable';
import { impliedLayer } from './makeLayer';
import { SymbolicTensor } from './tensor';

const PAIRWISE: Record<string, string> = { '+': 'Add', '-': 'Subtract', '*': 'Multiply' };

/** `a + b` on tensors: the layer that does the same. Undefined when no layer does. */
export function applyOperator(
  tensor: SymbolicTensor,
  operator: string,
  other: Value,
  isReversed: boolean,
  site: SourceRange,
  machine: Machine,
): Value | undefined {
  const { session } = tensor.node.layer;
  machine.changes++;
  if (other.kind === 'host' && other.object instanceof SymbolicTensor) {
    const definition = Object.hasOwn(PAIRWISE, operator) ? layerDefinition(PAIRWISE[operator]) : undefined;
    if (!definition) return undefined;
    const pair = isReversed ? [other.object, tensor] : [tensor, other.object];
    return host(impliedLayer(session, definition, {}, site).apply(pair, site)[0]);
  }
  const constant = numberOf(other);
  const rescaling = layerDefinition('Rescaling');
  if (constant === null || !rescaling) return undefined;
  const linear = linearForm(operator, constant, isReversed);
  if (!linear) return undefined;
  const layer = impliedLayer(session, rescaling, { scale: linear[0], offset: linear[1] }, site);
  return host(layer.apply([tensor], site)[0]);
}

/** [scale, offset] of an operation with a constant; null when it is not linear. */
function linearForm(operator: string, c: number, isReversed: boolean): [number, number] | null {
  if (operator === '*') return [c, 0];
  if (operator === '+') return [1, c];
  if (operator === '-') return isReversed ? [-1, c] : [1, -c];
  return operator === '/' && !isReversed && c !== 0 ? [1 / c, 0] : null;
}

/** `tensor[…]`: no layer of Keras does that. */
export function sliceTensor(tensor: SymbolicTensor, index: Value, machine: Machine): Value | undefined {
  void tensor;
  void index;
  void machine;
  return undefined;
}
