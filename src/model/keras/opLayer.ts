import type { Shape, SourceRange } from '../../common/modelSpec';
import { Layer } from './layer';
import type { LayerDefinition } from './layerDefinition';
import type { KerasSession } from './session';
import type { SymbolicTensor } from './tensor';

/**
 * Applies an operation that no layer of Keras does, as Keras itself wraps it: a layer of the class TFOpLambda. It is shown, not trained.
 * @param shapeOf output shapes from input shapes; may throw ShapeError
 */
export function applyOp(
  session: KerasSession,
  name: string,
  inputs: SymbolicTensor[],
  shapeOf: (inputs: Shape[]) => Shape[],
  site: SourceRange,
): SymbolicTensor[] {
  const definition: LayerDefinition = {
    className: 'TFOpLambda',
    parameters: [['function', name]],
    untrainable: `the operation ${name} is none of a layer`,
    build: (_config, shapes) => ({ outputs: shapeOf(shapes), weights: [] }),
  };
  const layer = new Layer(session, definition, session.names.next(`tf.${name}`), { function: name }, site);
  session.machine.changes++;
  return layer.apply(inputs, site);
}
