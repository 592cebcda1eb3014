import type { Shape } from '../../common/modelSpec';
import type { LayerDefinition } from '../keras/layerDefinition';
import { TorchTensor } from './torchTensor';
import { toChannelsLast, type Place, type Tracer } from './tracer';

/** An operation whose result's shape is known but that no layer here computes: the model is shown, not trained. */
export function opaque(tracer: Tracer, className: string, shape: Shape, inputs: TorchTensor[], place: Place): TorchTensor {
  const isMap = shape.length >= 4;
  const kerasShape = isMap ? toChannelsLast(shape) : shape;
  const definition: LayerDefinition = { className, parameters: [], build: () => ({ outputs: [kerasShape], weights: [] }) };
  tracer.session.error(
    'unsupported-operation',
    `${className} ("${place.name}") can't be trained here: no layer does the same. The model is shown only.`,
    place.source,
  );
  const output = tracer.add(place, definition, {}, [...new Set(inputs.map((x) => x.keras))]);
  return new TorchTensor(tracer, shape, output, isMap ? 'channels-last' : 'plain');
}
