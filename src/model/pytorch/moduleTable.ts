import type { ModuleDefinition } from './moduleDefinition';
import { activationModules } from './modules/activation';
import { attentionModules } from './modules/attention';
import { convModules } from './modules/conv';
import { linearModules } from './modules/linear';
import { normalizationModules } from './modules/normalization';
import { poolModules } from './modules/pool';
import { recurrentModules } from './modules/recurrent';
import { structureModules } from './modules/structure';
import { embeddingModules } from './modules/embedding';

const DEFINITIONS = new Map<string, ModuleDefinition>();
for (const list of [
  convModules,
  linearModules,
  poolModules,
  normalizationModules,
  activationModules,
  structureModules,
  embeddingModules,
  recurrentModules,
  attentionModules,
])
  for (const definition of list) DEFINITIONS.set(definition.className, definition);

/** The definition of a class of `torch.nn`. */
export function moduleDefinition(name: string): ModuleDefinition | undefined {
  return DEFINITIONS.get(name);
}

export function moduleNames(): string[] {
  return [...DEFINITIONS.keys()];
}

/** Functions of `torch.nn.functional`, `torch` and tensors that do what a module does, with the same parameters behind the input. */
const FUNCTIONS: Record<string, string> = {
  relu: 'ReLU',
  relu6: 'ReLU6',
  leaky_relu: 'LeakyReLU',
  rrelu: 'RReLU',
  elu: 'ELU',
  selu: 'SELU',
  gelu: 'GELU',
  silu: 'SiLU',
  mish: 'Mish',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softsign: 'Softsign',
  softplus: 'Softplus',
  logsigmoid: 'LogSigmoid',
  tanhshrink: 'Tanhshrink',
  hardswish: 'Hardswish',
  hardsigmoid: 'Hardsigmoid',
  hardtanh: 'Hardtanh',
  softmax: 'Softmax',
  log_softmax: 'LogSoftmax',
  max_pool1d: 'MaxPool1d',
  max_pool2d: 'MaxPool2d',
  max_pool3d: 'MaxPool3d',
  avg_pool1d: 'AvgPool1d',
  avg_pool2d: 'AvgPool2d',
  avg_pool3d: 'AvgPool3d',
  adaptive_avg_pool1d: 'AdaptiveAvgPool1d',
  adaptive_avg_pool2d: 'AdaptiveAvgPool2d',
  adaptive_avg_pool3d: 'AdaptiveAvgPool3d',
  adaptive_max_pool1d: 'AdaptiveMaxPool1d',
  adaptive_max_pool2d: 'AdaptiveMaxPool2d',
  interpolate: 'Upsample',
  upsample: 'Upsample',
  upsample_nearest: 'UpsamplingNearest2d',
  upsample_bilinear: 'UpsamplingBilinear2d',
  pixel_shuffle: 'PixelShuffle',
  channel_shuffle: 'ChannelShuffle',
  flatten: 'Flatten',
  local_response_norm: 'LocalResponseNorm',
  celu: 'CELU',
  softshrink: 'Softshrink',
  hardshrink: 'Hardshrink',
  threshold: 'Threshold',
};

/** Dropout as a function: the training flag comes before `inplace`. */
const DROPOUTS: Record<string, string> = {
  dropout: 'Dropout',
  dropout1d: 'Dropout1d',
  dropout2d: 'Dropout2d',
  dropout3d: 'Dropout3d',
  alpha_dropout: 'AlphaDropout',
  feature_dropout: 'Dropout2d',
};

/** The module that a function does the work of; undefined when there is none. `relu_` is `relu` in place. */
export function moduleOfFunction(name: string): ModuleDefinition | undefined {
  const plain = name.replace(/_$/, '');
  if (Object.hasOwn(DROPOUTS, plain)) {
    const definition = DEFINITIONS.get(DROPOUTS[plain]);
    return (
      definition && {
        ...definition,
        parameters: [
          ['p', 0.5],
          ['training', true],
          ['inplace', false],
        ],
      }
    );
  }
  const definition = Object.hasOwn(FUNCTIONS, plain) ? DEFINITIONS.get(FUNCTIONS[plain]) : undefined;
  if (plain === 'flatten' && definition)
    return {
      ...definition,
      parameters: [
        ['start_dim', 0],
        ['end_dim', -1],
      ],
    };
  return definition;
}
