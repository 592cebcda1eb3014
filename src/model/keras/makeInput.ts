import type { Shape, SourceRange } from '../../common/modelSpec';
import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import { NONE, host, numberOf, stringOf, type Arguments, type Value } from '../python/value';
import { completeSizes } from './completeSizes';
import { layerDefinition } from './layerTable';
import { Layer } from './layer';
import type { KerasSession } from './session';
import { SymbolicTensor, type LayerNode } from './tensor';

/** `Input(shape)` (a tensor) or `InputLayer(input_shape)` (a layer). */
export function makeInput(session: KerasSession, name: string, args: Arguments, machine: Machine): Value {
  const get = (...names: string[]) => names.map((n) => args.keywords.get(n)).find((v) => v && v.kind !== 'none');
  const given = get('tensor', 'input_tensor');
  const ofTensor: Value | undefined =
    given?.kind === 'array' && given.shape
      ? { kind: 'list', items: given.shape.map((n) => (n === null ? NONE : { kind: 'int', value: n })) }
      : undefined;
  const whole = get('batch_shape', 'batch_input_shape') ?? ofTensor;
  const shapeValue = whole ?? get('shape', 'input_shape') ?? args.positional[0] ?? NONE;
  const batch = numberOf(get('batch_size') ?? args.positional[1]);
  const sizes = numberOf(shapeValue) !== null ? [shapeValue] : iterate(shapeValue, machine);
  const layerName = stringOf(args.keywords.get('name')) ?? session.names.next('InputLayer');
  const shape = sizes ? [...(whole ? [] : [batch]), ...sizes.map(numberOf)] : null;
  const completed = completeShape(session, layerName, shape, sizes, shapeValue, args.site);
  session.noteInputShape(completed, args.site);
  const tensor = inputTensor(session, layerName, completed, args.site);
  return host(name === 'Input' ? tensor : tensor.node.layer);
}

/** A shape whose sizes are all told, or meant to be open; what is not known is asked for. */
function completeShape(
  session: KerasSession,
  name: string,
  shape: Shape | null,
  sizes: readonly Value[] | null,
  value: Value,
  range: SourceRange,
): Shape {
  if (shape && sizes && !sizes.some((v) => v.kind === 'unknown')) return shape;
  const reason = value.kind === 'unknown' ? value.reason : undefined;
  return [null, ...completeSizes(session, `${name}.shape`, sizes, range, reason).map((n) => (typeof n === 'number' ? n : null))];
}

/** A model input: a layer without inputs of its own and its one tensor. */
export function inputTensor(session: KerasSession, name: string, shape: Shape | null, source: Layer['source']): SymbolicTensor {
  const definition = layerDefinition('InputLayer');
  if (!definition) throw new Error('the layer table lacks InputLayer');
  const layer = new Layer(session, definition, name, shape ? { batch_input_shape: shape } : {}, source, shape);
  layer.weights = [];
  const node: LayerNode = { layer, inputs: [], outputs: [] };
  const tensor = new SymbolicTensor(shape, node, 0);
  node.outputs.push(tensor);
  layer.nodes.push(node);
  return tensor;
}
