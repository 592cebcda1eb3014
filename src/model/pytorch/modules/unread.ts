import type { JsonObject } from '../../../common/json';
import { ShapeError, numberIn } from '../../keras/shapes';
import type { TorchParameter } from '../arguments';
import type { ModuleDefinition } from '../moduleDefinition';
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
    const output = tracer.add(place, 'Embedding', settings, [tracer.plain(x, place)]);
    return new TorchTensor(tracer, output.shape ?? [], output, 'plain');
  },
  weights: (s) => [['weight', [numberIn(s, 'num_embeddings'), numberIn(s, 'embedding_dim')]]],
};

const RECURRENT: TorchParameter[] = [
  ['input_size', undefined],
  ['hidden_size', undefined],
  ['num_layers', 1],
  ['bias', true],
  ['batch_first', false],
  ['dropout', 0],
  ['bidirectional', false],
];

function recurrentWeights(s: JsonObject, gates: number): [string, number[]][] {
  const hidden = numberIn(s, 'hidden_size');
  const directions = s.bidirectional === true ? 2 : 1;
  const count = Math.min(numberIn(s, 'num_layers'), 64) * directions;
  return Array.from({ length: count }, (_, i): [string, number[]][] => {
    const layer = Math.floor(i / directions);
    const suffix = `l${layer}${i % directions ? '_reverse' : ''}`;
    const inputs = layer === 0 ? numberIn(s, 'input_size') : hidden * directions;
    const kernels: [string, number[]][] = [
      [`weight_ih_${suffix}`, [gates * hidden, inputs]],
      [`weight_hh_${suffix}`, [gates * hidden, hidden]],
    ];
    const biases: [string, number[]][] = ['ih', 'hh'].map((part) => [`bias_${part}_${suffix}`, [gates * hidden]]);
    return s.bias === false ? kernels : [...kernels, ...biases];
  }).flat();
}

/** Its weights count; what it does is not followed. */
function recurrent(className: string, gates: number): ModuleDefinition {
  return {
    className,
    parameters: RECURRENT,
    apply() {
      throw new ShapeError(`nn.${className} is not followed here`);
    },
    weights: (s) => recurrentWeights(s, gates),
  };
}

export const unreadModules: ModuleDefinition[] = [embedding, recurrent('RNN', 1), recurrent('GRU', 3), recurrent('LSTM', 4)];
