import type { Shape, SourceRange } from '../../common/modelSpec';
import type { LayerDefinition } from '../keras/layerDefinition';
import { layerDefinition } from '../keras/layerTable';
import { ShapeError } from '../keras/shapes';
import { host, numberOf, type Value } from '../python/value';
import { combine } from './combining';
import { elementwise, onPlainAxes, operationLayer } from './computed';
import { opaque } from './opaque';
import { ParameterHandle } from './parameterHandle';
import { TorchTensor } from './torchTensor';
import { TraceError, type Place, type Tracer } from './tracer';

const NAMES: Record<string, string> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div', '**': 'pow', '@': 'matmul' };
const LAYERS: Record<string, string> = { '+': 'Add', '-': 'Subtract', '*': 'Multiply' };

/** `x op y` in a forward pass; undefined when nothing is known of the other side. */
export function applyArithmetic(x: TorchTensor, operator: string, other: Value, isReversed: boolean, site: SourceRange): Value | undefined {
  const { tracer } = x;
  const name = Object.hasOwn(NAMES, operator) ? NAMES[operator] : null;
  if (!name) return undefined;
  const place = tracer.placeOf(name, site);
  if (other.kind === 'host' && other.object instanceof TorchTensor) {
    const pair = isReversed ? [other.object, x] : [x, other.object];
    try {
      if (operator === '@') return host(matmul(tracer, pair, place));
      if (!Object.hasOwn(LAYERS, operator) && !Object.hasOwn(OPERATIONS, operator)) return host(opaque(tracer, name, x.shape, pair, place));
      return host(combine(tracer, LAYERS[operator] ?? dividing(OPERATIONS[operator]), pair, place));
    } catch (error) {
      if (error instanceof ShapeError) throw new TraceError('cannot-build', `"${place.name}" can't be computed: ${error.message}.`, site);
      throw error;
    }
  }
  const constant = numberOf(other);
  if (constant !== null) {
    const linear = linearForm(operator, constant, isReversed);
    if (!linear && Object.hasOwn(OPERATIONS, operator))
      return host(elementwise(tracer, OPERATIONS[operator], { constant, is_reversed: isReversed }, x, place));
    if (!linear) return host(opaque(tracer, name, x.shape, [x], place));
    const [scale, offset] = linear;
    if (scale === 1 && offset === 0) return host(x);
    const output = tracer.add(place, 'Rescaling', { scale, offset }, [x.keras]);
    return host(new TorchTensor(tracer, x.shape, output, x.layout, x.isNonNegative && scale >= 0 && offset >= 0));
  }
  const isOwnWeight = other.kind === 'host' && other.object instanceof ParameterHandle;
  return isOwnWeight || other.kind === 'array' ? host(opaque(tracer, name, x.shape, [x], place)) : undefined;
}

const OPERATIONS: Record<string, string> = { '/': 'divide', '**': 'pow' };

/** A combination whose shape is that of a sum. */
function dividing(operation: string): LayerDefinition {
  const shapeOf = (inputs: Shape[]): Shape[] => layerDefinition('Add')!.build({}, inputs, null).outputs;
  return operationLayer(operation, {}, shapeOf);
}

/** `a @ b` over the last two axes. */
function matmul(tracer: Tracer, [a, b]: TorchTensor[], place: Place): TorchTensor {
  if (a.shape.length !== b.shape.length || a.shape.length < 3)
    throw new ShapeError('it multiplies tensors of different numbers of axes, which no layer here can do');
  if (a.shape.at(-1) !== b.shape.at(-2)) throw new ShapeError('the inner sizes of the product differ');
  return onPlainAxes(tracer, 'matmul', {}, [a, b], [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]], place);
}

/** [scale, offset] of an operation with a constant; null when it is not linear. */
function linearForm(operator: string, c: number, isReversed: boolean): [number, number] | null {
  if (operator === '*') return [c, 0];
  if (operator === '+') return [1, c];
  if (operator === '-') return isReversed ? [-1, c] : [1, -c];
  return operator === '/' && !isReversed && c !== 0 ? [1 / c, 0] : null;
}
