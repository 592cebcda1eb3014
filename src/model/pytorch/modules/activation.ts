import type { JsonObject } from '../../../common/json';
import { ShapeError, numberIn } from '../../keras/shapes';
import type { LayerDefinition } from '../../keras/layerDefinition';
import type { TorchParameter } from '../arguments';
import type { ModuleDefinition } from '../moduleDefinition';
import { TorchTensor } from '../torchTensor';
import type { Place, Tracer } from '../tracer';

/** Element by element: the tensor keeps its shape and lies as before. */
function elementwise(
  className: string,
  parameters: TorchParameter[],
  layer: string,
  settings: (s: JsonObject) => JsonObject,
  isNonNegative = false,
): ModuleDefinition {
  return {
    className,
    parameters: [...parameters, ['inplace', false]],
    apply(tracer, s, [x], place) {
      return new TorchTensor(tracer, x.shape, tracer.add(place, layer, settings(s), [x.keras]), x.layout, isNonNegative);
    },
  };
}

const named = (className: string, activation: string, isNonNegative = false) =>
  elementwise(className, [], 'Activation', () => ({ activation }), isNonNegative);

/** Where an axis of PyTorch's lies in the Keras tensor. */
export function kerasAxis(x: TorchTensor, dim: number): number {
  const rank = x.shape.length;
  const axis = dim < 0 ? dim + rank : dim;
  if (axis < 0 || axis >= rank) throw new ShapeError(`axis ${dim} is not one of ${rank}`);
  if (x.layout === 'sequence-first' && axis < 2) return 1 - axis;
  if (x.layout === 'plain' || x.layout === 'sequence-first') return axis === rank - 1 ? -1 : axis;
  if (axis === 1) return -1;
  return axis === 0 ? 0 : axis - 1;
}

function softmax(className: string, isLog: boolean): ModuleDefinition {
  return {
    className,
    parameters: [['dim', null]],
    apply(tracer: Tracer, s, [x]: TorchTensor[], place: Place) {
      // Without `dim`, PyTorch takes axis 1 of two or four axes and axis 0 of others.
      const dim = typeof s.dim === 'number' ? s.dim : x.shape.length === 3 ? 0 : 1;
      if (dim === 0) throw new ShapeError('it runs over the batch axis, which no layer here can do');
      const axis = kerasAxis(x, dim);
      if (x.layout === 'pooled' && axis !== -1) throw new ShapeError('it runs over an axis of length one');
      if (isLog && axis !== -1) throw new ShapeError('a log-softmax over another axis than the channels is not read');
      const output = isLog
        ? tracer.add(place, 'Activation', { activation: 'log_softmax' }, [x.keras])
        : tracer.add(place, 'Softmax', { axis }, [x.keras]);
      return new TorchTensor(tracer, x.shape, output, x.layout, !isLog);
    },
  };
}

const prelu: ModuleDefinition = {
  className: 'PReLU',
  parameters: [
    ['num_parameters', 1],
    ['init', 0.25],
  ],
  apply(tracer, s, [x], place) {
    const count = numberIn(s, 'num_parameters');
    if (count > 1 && x.shape[1] !== count) throw new ShapeError(`it expects ${count} channels but gets ${x.shape[1]}`);
    const isFlat = x.shape.length === 2 || x.layout === 'pooled';
    const input = isFlat ? x.keras : tracer.channelsLast(x, place);
    const rank = input.shape?.length ?? 2;
    const axes = Array.from({ length: rank - 1 }, (_, i) => i + 1);
    const settings = {
      shared_axes: count === 1 ? axes : axes.slice(0, -1),
      alpha_initializer: { class_name: 'Constant', config: { value: Number(s.init) } },
    };
    return new TorchTensor(tracer, x.shape, tracer.add(place, 'PReLU', settings, [input]), isFlat ? x.layout : 'channels-last');
  },
  weights: (s) => [['weight', [numberIn(s, 'num_parameters')]]],
};

const hardtanh: ModuleDefinition = {
  className: 'Hardtanh',
  parameters: [
    ['min_val', -1],
    ['max_val', 1],
    ['inplace', false],
  ],
  apply(tracer, s, [x], place) {
    const [low, high] = [Number(s.min_val), Number(s.max_val)];
    // A clipped ReLU, moved to where the lower bound is zero and back.
    const up = low === 0 ? x.keras : tracer.addHelper(place, 'shift', 'Rescaling', { scale: 1, offset: -low }, x.keras);
    const cut = tracer.add(place, 'ReLU', { max_value: high - low }, [up]);
    const output = low === 0 ? cut : tracer.addHelper(place, 'shift_back', 'Rescaling', { scale: 1, offset: low }, cut);
    return new TorchTensor(tracer, x.shape, output, x.layout, low >= 0);
  },
};

/** PyTorch's hard sigmoid is relu6(x + 3) / 6. */
const hardsigmoid: ModuleDefinition = {
  className: 'Hardsigmoid',
  parameters: [['inplace', false]],
  apply(tracer, _s, [x], place) {
    const shifted = tracer.addHelper(place, 'shift', 'Rescaling', { scale: 1, offset: 3 }, x.keras);
    const cut = tracer.add(place, 'ReLU', { max_value: 6 }, [shifted]);
    return new TorchTensor(
      tracer,
      x.shape,
      tracer.addHelper(place, 'scale', 'Rescaling', { scale: 1 / 6, offset: 0 }, cut),
      x.layout,
      true,
    );
  },
};

function celu(tracer: Tracer, alpha: number, x: TorchTensor, place: Place): TorchTensor {
  const definition: LayerDefinition = {
    className: 'CELU',
    parameters: [['alpha', alpha]],
    build: (_config, [input]) => ({ outputs: [input], weights: [] }),
  };
  return new TorchTensor(tracer, x.shape, tracer.add(place, definition, {}, [x.keras]), x.layout);
}

const computedModule = (
  className: string,
  parameters: TorchParameter[],
  apply: (tracer: Tracer, s: JsonObject, x: TorchTensor, place: Place) => TorchTensor,
): ModuleDefinition => ({
  className,
  parameters: [...parameters, ['inplace', false]],
  apply: (tracer, s, [x], place) => apply(tracer, s, x, place),
});

export const activationModules: ModuleDefinition[] = [
  elementwise('ReLU', [], 'ReLU', () => ({}), true),
  elementwise('ReLU6', [], 'ReLU', () => ({ max_value: 6 }), true),
  elementwise('LeakyReLU', [['negative_slope', 0.01]], 'LeakyReLU', (s) => ({ alpha: Number(s.negative_slope) })),
  elementwise(
    'RReLU',
    [
      ['lower', 1 / 8],
      ['upper', 1 / 3],
    ],
    'LeakyReLU',
    (s) => ({ alpha: (Number(s.lower) + Number(s.upper)) / 2 }),
  ),
  elementwise('ELU', [['alpha', 1]], 'ELU', (s) => ({ alpha: Number(s.alpha) })),
  computedModule('CELU', [['alpha', 1]], (tracer, s, x, place) => celu(tracer, Number(s.alpha), x, place)),
  named('Softshrink', 'soft_shrink'),
  named('Hardshrink', 'hard_shrink'),
  {
    className: 'Threshold',
    parameters: [
      ['threshold', undefined],
      ['value', undefined],
      ['inplace', false],
    ],
    apply(tracer, s, [x], place) {
      if (s.value !== 0) throw new ShapeError('its value is not 0, which no layer here can do');
      return new TorchTensor(tracer, x.shape, tracer.add(place, 'ThresholdedReLU', { theta: Number(s.threshold) }, [x.keras]), x.layout);
    },
  },
  elementwise('GELU', [['approximate', 'none']], 'Activation', (s) => ({ activation: s.approximate === 'tanh' ? 'gelu_new' : 'gelu' })),
  named('SELU', 'selu'),
  named('SiLU', 'swish'),
  named('Mish', 'mish'),
  named('Sigmoid', 'sigmoid', true),
  named('Tanh', 'tanh'),
  named('Softsign', 'softsign'),
  named('LogSigmoid', 'log_sigmoid'),
  named('Tanhshrink', 'tanh_shrink'),
  named('Hardswish', 'hard_silu'),
  elementwise(
    'Softplus',
    [
      ['beta', 1],
      ['threshold', 20],
    ],
    'Activation',
    () => ({ activation: 'softplus' }),
    true,
  ),
  softmax('Softmax', false),
  softmax('LogSoftmax', true),
  {
    ...softmax('Softmax2d', false),
    parameters: [['dim', 1]],
  },
  prelu,
  hardtanh,
  hardsigmoid,
];
