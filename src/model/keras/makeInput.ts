import type { Shape } from '../../common/modelSpec';
import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import { NONE, host, numberOf, stringOf, type Arguments, type Value } from '../python/value';
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
  if (shape) session.noteInputShape(shape, args.site);
  const tensor = inputTensor(session, layerName, shape, args.site);
  if (!sizes) {
    const why = shapeValue.kind === 'unknown' ? `: ${shapeValue.reason}` : '';
    session.error('unknown-input-shape', `The input shape is not known${why}. Write it as numbers, such as shape=(28, 28, 1).`, args.site);
  } else {
    const lost = sizes.find((v) => v.kind === 'unknown');
    if (lost?.kind === 'unknown') {
      session.error('unknown-input-shape', `A size of the input shape is not known: ${lost.reason}. Write it as a number.`, args.site);
    }
  }
  return host(name === 'Input' ? tensor : tensor.node.layer);
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
