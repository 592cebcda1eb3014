import type { JsonObject } from '../../common/json';
import type { Shape } from '../../common/modelSpec';
import type { LayerDefinition } from '../keras/layerDefinition';
import { TorchTensor } from './torchTensor';
import type { Place, Tracer } from './tracer';

/** A layer of the engine's operation of that name (see `engine/layers/operation.ts`), with Keras shapes. */
export function operationLayer(operation: string, settings: JsonObject, outputs: (inputs: Shape[]) => Shape[]): LayerDefinition {
  return {
    className: 'TFOpLambda',
    parameters: Object.entries({ function: operation, operation, ...settings }),
    build: (_config, inputs) => ({ outputs: outputs(inputs), weights: [] }),
  };
}

/** Element by element: the tensor lies as before. */
export function elementwise(tracer: Tracer, operation: string, settings: JsonObject, x: TorchTensor, place: Place): TorchTensor {
  const shape = x.keras.shape ?? [];
  const definition = operationLayer(operation, { ...settings, output_shapes: [shape] }, () => [shape]);
  const isNonNegative = ['abs', 'square', 'sqrt', 'rsqrt', 'exp'].includes(operation);
  return new TorchTensor(tracer, x.shape, tracer.add(place, definition, {}, [x.keras]), x.layout, isNonNegative);
}

/** An operation on axes: computed in PyTorch's own order of axes, so that they count as in the file. */
export function onPlainAxes(
  tracer: Tracer,
  operation: string,
  settings: JsonObject,
  inputs: TorchTensor[],
  shape: Shape,
  place: Place,
): TorchTensor {
  const definition = operationLayer(operation, { ...settings, output_shapes: [shape] }, () => [shape]);
  const tensors = inputs.map((x) => tracer.plain(x, place));
  return new TorchTensor(tracer, shape, tracer.add(place, definition, {}, tensors), 'plain');
}

/** What is done along the spatial axes by weights (see `AxisMaps` of the engine): resizing, padding with what is there. */
export function alongAxes(tracer: Tracer, settings: JsonObject, x: TorchTensor, sizes: number[], place: Place): TorchTensor {
  const definition: LayerDefinition = {
    className: 'AxisMaps',
    parameters: Object.entries(settings),
    build: (_config, [input]) => ({ outputs: [[input[0], ...sizes, input[input.length - 1]]], weights: [] }),
  };
  const output = tracer.add(place, definition, {}, [tracer.channelsLast(x, place)]);
  return new TorchTensor(tracer, [x.shape[0], x.shape[1], ...sizes], output, 'channels-last');
}
