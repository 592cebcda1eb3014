import type { JsonValue } from '../../common/json';
import type { Layer } from './layer';

/** Layers that take an input of any rank and hand it on with the same one. */
const ANY = /^(Dropout|Activation|BatchNormalization|Rescaling|ReLU|LeakyReLU|GaussianNoise|InputLayer|Normalization)$/;

/**
 * A shape, without the batch, that the layers of a model can begin with.
 * @param image of the data set that the program loads, or a usual one
 */
export function usualInput(layers: readonly Layer[], image: readonly number[]): JsonValue[] {
  const first = layers.find((l) => !ANY.test(l.className)) ?? layers.at(0);
  switch (first?.className) {
    case 'Dense':
      return [16];
    case 'Embedding':
      return [100];
    case 'TextVectorization':
      return [1];
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'Bidirectional':
    case 'Conv1D':
    case 'MaxPooling1D':
      return [100, 16];
    case 'Conv3D':
      return [16, image[0], image[1], image[2]];
    case 'TimeDistributed':
      return [10, ...image];
    case 'Reshape': {
      // As many values as it makes.
      const target = first.config.target_shape;
      const sizes = Array.isArray(target) ? target.filter((n): n is number => typeof n === 'number' && n > 0) : [];
      return sizes.length > 0 ? [sizes.reduce((p, n) => p * n, 1)] : [...image];
    }
    default:
      return [...image];
  }
}
