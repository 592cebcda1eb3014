import { ShapeError, numberIn } from '../../keras/shapes';
import { TORCH_BIAS, TORCH_KERNEL } from '../initializers';
import type { ModuleDefinition } from '../moduleDefinition';
import { swapped } from '../sequences';
import { TorchTensor } from '../torchTensor';
import { SizeMismatch } from '../tracer';

function linear(isLazy: boolean): ModuleDefinition {
  return {
    className: isLazy ? 'LazyLinear' : 'Linear',
    parameters: [
      ...(isLazy ? [] : [['in_features', undefined] as ['in_features', undefined]]),
      ['out_features', undefined],
      ['bias', true],
    ],
    apply(tracer, s, [x], place) {
      const actual = x.shape.at(-1);
      if (x.shape.length < 2 || typeof actual !== 'number') throw new ShapeError('it expects an input with a feature axis');
      if (!isLazy && actual !== s.in_features) {
        const wanted = numberIn(s, 'in_features');
        throw new SizeMismatch(wanted, actual, `"${place.name}" expects ${wanted} features but gets ${actual}.`, place.source);
      }
      const settings = {
        units: numberIn(s, 'out_features'),
        use_bias: s.bias !== false,
        kernel_initializer: TORCH_KERNEL,
        bias_initializer: TORCH_BIAS,
      };
      const isTimeFirst = x.layout === 'sequence-first';
      const output = tracer.add(place, 'Dense', settings, [isTimeFirst ? x.keras : tracer.plain(x, place)]);
      if (isTimeFirst) return new TorchTensor(tracer, swapped(output.shape ?? []), output, 'sequence-first');
      return new TorchTensor(tracer, output.shape ?? [], output, 'plain');
    },
    weights(s) {
      if (isLazy) return [];
      const weight: [string, number[]] = ['weight', [numberIn(s, 'out_features'), numberIn(s, 'in_features')]];
      return s.bias === false ? [weight] : [weight, ['bias', [numberIn(s, 'out_features')]]];
    },
    need: (s) => (isLazy ? null : { kind: 'features', size: numberIn(s, 'in_features'), spatial: 0 }),
  };
}

export const linearModules: ModuleDefinition[] = [linear(false), linear(true)];
