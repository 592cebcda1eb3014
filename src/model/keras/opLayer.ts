import type { JsonObject } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { Layer } from './layer';
import type { LayerDefinition } from './layerDefinition';
import type { KerasSession } from './session';
import type { SymbolicTensor } from './tensor';

/** Operations that the training engine has, by the names of TensorFlow, `keras.ops` and the backend of Keras. */
const OPERATIONS: Record<string, string> = {
  sum: 'reduce_sum',
  mean: 'reduce_mean',
  max: 'reduce_max',
  min: 'reduce_min',
  prod: 'reduce_prod',
  std: 'reduce_std',
  var: 'reduce_variance',
  clip_by_value: 'clip',
  normalize: 'l2_normalize',
};

/**
 * Applies an operation that no layer of Keras does, as Keras itself wraps it: a layer of the class TFOpLambda.
 * @param shapeOf output shapes from input shapes; may throw ShapeError
 * @param settings what the engine needs to compute it; null: it is shown, not trained
 */
export function applyOp(
  session: KerasSession,
  name: string,
  inputs: SymbolicTensor[],
  shapeOf: (inputs: Shape[]) => Shape[],
  site: SourceRange,
  settings: JsonObject | null = null,
): SymbolicTensor[] {
  const definition: LayerDefinition = {
    className: 'TFOpLambda',
    parameters: [['function', name]],
    untrainable: settings ? undefined : `the operation ${name} is none of a layer`,
    build: (_config, shapes) => ({ outputs: shapeOf(shapes), weights: [] }),
  };
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : name;
  const config: JsonObject = { function: name, ...(settings && { operation, ...settings }) };
  const layer = new Layer(session, definition, session.names.next(`tf.${name}`), config, site);
  session.machine.changes++;
  const outputs = layer.apply(inputs, site);
  if (settings) config.output_shapes = outputs.map((t) => t.shape);
  return outputs;
}
