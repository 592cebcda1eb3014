import { numberIn } from '../../keras/shapes';
import type { ModuleDefinition } from '../moduleDefinition';
import { swapped } from '../sequences';
import { TorchTensor } from '../torchTensor';

const embedding: ModuleDefinition = {
  className: 'Embedding',
  parameters: [
    ['num_embeddings', undefined],
    ['embedding_dim', undefined],
    ['padding_idx', null],
  ],
  apply(tracer, s, [x], place) {
    const normal = { class_name: 'RandomNormal', config: { mean: 0, stddev: 1 } };
    const settings = {
      input_dim: numberIn(s, 'num_embeddings'),
      output_dim: numberIn(s, 'embedding_dim'),
      embeddings_initializer: normal,
    };
    if (typeof s.padding_idx === 'number')
      tracer.session.inform('padding-index', `The row of "${place.name}" for padding is trained like the others here.`, place.source);
    const isTimeFirst = x.layout === 'sequence-first';
    const output = tracer.add(place, 'Embedding', settings, [isTimeFirst ? x.keras : tracer.plain(x, place)]);
    if (isTimeFirst) return new TorchTensor(tracer, swapped(output.shape ?? []), output, 'sequence-first');
    return new TorchTensor(tracer, output.shape ?? [], output, 'plain');
  },
  weights: (s) => [['weight', [numberIn(s, 'num_embeddings'), numberIn(s, 'embedding_dim')]]],
  need: (s) => ({ kind: 'tokens', size: numberIn(s, 'num_embeddings'), spatial: 0 }),
};

export const embeddingModules: ModuleDefinition[] = [embedding];
