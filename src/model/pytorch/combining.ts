import type { Shape } from '../../common/modelSpec';
import { ShapeError } from '../keras/shapes';
import type { LayerDefinition } from '../keras/layerDefinition';
import type { SymbolicTensor } from '../keras/tensor';
import { kerasAxis } from './modules/activation';
import { swapped } from './sequences';
import { TorchTensor, type Layout } from './torchTensor';
import { toChannelsFirst, type Place, type Tracer } from './tracer';

/** Brings tensors into one layout: channels_last as soon as one of them is a map that lies so. */
function aligned(tracer: Tracer, inputs: TorchTensor[], place: Place): { tensors: SymbolicTensor[]; layout: Layout } {
  const layouts = new Set(inputs.map((x) => x.layout));
  const isFlat = inputs.every((x) => x.shape.length < 3);
  if (layouts.size === 1 && inputs[0].layout !== 'channels-last') return { tensors: inputs.map((x) => x.keras), layout: inputs[0].layout };
  if (isFlat) return { tensors: inputs.map((x) => x.keras), layout: 'plain' };
  const isMap = inputs.some((x) => x.layout === 'channels-last');
  return {
    tensors: inputs.map((x) => (isMap ? tracer.channelsLast(x, place) : tracer.plain(x, place))),
    layout: isMap ? 'channels-last' : 'plain',
  };
}

const NON_NEGATIVE = new Set(['Add', 'Multiply', 'Maximum', 'Average', 'Concatenate']);

/** An element-wise combination (`Add`, `Subtract`, `Multiply`, `Maximum`, …) with broadcasting. */
export function combine(tracer: Tracer, className: string | LayerDefinition, inputs: TorchTensor[], place: Place): TorchTensor {
  const rank = Math.max(...inputs.map((x) => x.shape.length));
  if (inputs.some((x) => x.shape.length !== rank)) {
    throw new ShapeError(`it combines tensors of ${inputs.map((x) => x.shape.length).join(' and ')} axes, which no layer here can do`);
  }
  const { tensors, layout } = aligned(tracer, inputs, place);
  const output = tracer.add(place, className, {}, tensors);
  const isNonNegative = typeof className === 'string' && NON_NEGATIVE.has(className) && inputs.every((x) => x.isNonNegative);
  return new TorchTensor(tracer, shapeIn(layout, output.shape ?? [], inputs[0].shape), output, layout, isNonNegative);
}

/** `torch.cat(inputs, dim)`. */
export function concatenate(tracer: Tracer, inputs: TorchTensor[], dim: number, place: Place): TorchTensor {
  if (inputs.length === 1) return inputs[0];
  const rank = inputs[0].shape.length;
  const axis = dim < 0 ? dim + rank : dim;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) throw new ShapeError(`axis ${dim} is not one of ${rank}`);
  if (inputs.some((x) => x.shape.length !== rank)) throw new ShapeError('it joins tensors of different numbers of axes');
  if (inputs[0].shape[axis] === null) throw new ShapeError('it joins along the batch axis, which no layer here can do');
  const { tensors, layout } = aligned(tracer, inputs, place);
  if (layout === 'pooled' && axis !== 1) throw new ShapeError('it joins maps of one pixel along a side');
  const reference = new TorchTensor(tracer, inputs[0].shape, tensors[0], layout);
  const output = tracer.add(place, 'Concatenate', { axis: kerasAxis(reference, axis) }, tensors);
  const total = inputs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
  const shape = inputs[0].shape.with(axis, total);
  return new TorchTensor(
    tracer,
    shape,
    output,
    layout,
    inputs.every((x) => x.isNonNegative),
  );
}

function shapeIn(layout: Layout, kerasShape: Shape, like: Shape): Shape {
  if (layout === 'channels-last') return toChannelsFirst(kerasShape);
  if (layout === 'sequence-first') return swapped(kerasShape);
  return layout === 'plain' ? kerasShape : [kerasShape[0], kerasShape[1], ...like.slice(2)];
}
