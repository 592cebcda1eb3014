import type { SymbolicTensor } from '../tensor';
import { averageTop, type Architecture } from './architecture';
import type { NetBuilder } from './netBuilder';

/** Zeros that make a stride of 2 begin where Keras's 'same' does not: none before and one behind an even size. */
export function correctPad(x: SymbolicTensor, size: number): number[][] {
  const [height, width] = x.shape?.slice(1, 3) ?? [];
  const half = Math.floor(size / 2);
  return [height, width].map((n) => [half - (typeof n === 'number' ? 1 - (n % 2) : 1), half]);
}

function depthwise(b: NetBuilder, x: SymbolicTensor, filters: number, stride: number, id: number): SymbolicTensor {
  if (stride !== 1) x = b.pad(x, [[0, 1], [0, 1]], `conv_pad_${id}`); // prettier-ignore
  const padding = stride === 1 ? 'same' : 'valid';
  x = b.use('DepthwiseConv2D', x, { kernel_size: 3, padding, strides: stride, use_bias: false, name: `conv_dw_${id}` });
  x = b.relu6(b.norm(x, { name: `conv_dw_${id}_bn` }), `conv_dw_${id}_relu`);
  x = b.conv(x, filters, 1, { padding: 'same', use_bias: false, name: `conv_pw_${id}` });
  return b.relu6(b.norm(x, { name: `conv_pw_${id}_bn` }), `conv_pw_${id}_relu`);
}

/** MobileNet of width `alpha` (Howard et al. 2017). */
export function mobileNet(alpha: number): Architecture {
  return {
    name: `mobilenet_${alpha.toFixed(2)}_224`,
    size: 224,
    body(b, x) {
      const scaled = (n: number) => Math.floor(n * alpha);
      x = b.conv(x, scaled(32), 3, { padding: 'same', use_bias: false, strides: 2, name: 'conv1' });
      x = b.relu6(b.norm(x, { name: 'conv1_bn' }), 'conv1_relu');
      const filters = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
      filters.forEach((n, i) => (x = depthwise(b, x, scaled(n), [1, 3, 5, 11].includes(i) ? 2 : 1, i + 1)));
      return x;
    },
    top(b, x, { classes, activation }) {
      x = b.use('GlobalAveragePooling2D', x, { keepdims: true });
      x = b.use('Dropout', x, { rate: 0.001, name: 'dropout' });
      x = b.conv(x, classes, 1, { padding: 'same', name: 'conv_preds' });
      x = b.use('Reshape', x, { target_shape: [classes], name: 'reshape_2' });
      return b.activation(x, activation, 'predictions');
    },
  };
}

/** A number of channels that 8 divides, at most a tenth below `n`. */
function divisible(n: number, divisor = 8): number {
  const rounded = Math.max(divisor, Math.floor((n + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * n ? rounded + divisor : rounded;
}

const BLOCKS: [filters: number, stride: number, expansion: number, count: number][] = [
  [16, 1, 1, 1],
  [24, 2, 6, 2],
  [32, 2, 6, 3],
  [64, 2, 6, 4],
  [96, 1, 6, 3],
  [160, 2, 6, 3],
  [320, 1, 6, 1],
];

function invertedResidual(b: NetBuilder, input: SymbolicTensor, filters: number, stride: number, expansion: number, id: number) {
  const statistics = { epsilon: 1e-3, momentum: 0.999 };
  const prefix = id > 0 ? `block_${id}_` : 'expanded_conv_';
  const inputs = b.channels(input);
  let x = input;
  if (id > 0) {
    x = b.conv(x, expansion * inputs, 1, { padding: 'same', use_bias: false, name: `${prefix}expand` });
    x = b.relu6(b.norm(x, { ...statistics, name: `${prefix}expand_BN` }), `${prefix}expand_relu`);
  }
  if (stride === 2) x = b.pad(x, correctPad(x, 3), `${prefix}pad`);
  const padding = stride === 1 ? 'same' : 'valid';
  x = b.use('DepthwiseConv2D', x, { kernel_size: 3, strides: stride, use_bias: false, padding, name: `${prefix}depthwise` });
  x = b.relu6(b.norm(x, { ...statistics, name: `${prefix}depthwise_BN` }), `${prefix}depthwise_relu`);
  x = b.conv(x, filters, 1, { padding: 'same', use_bias: false, name: `${prefix}project` });
  x = b.norm(x, { ...statistics, name: `${prefix}project_BN` });
  return inputs === filters && stride === 1 ? b.add([input, x], `${prefix}add`) : x;
}

/** MobileNetV2 of width `alpha` (Sandler et al. 2018). */
export function mobileNetV2(alpha: number): Architecture {
  return {
    name: `mobilenetv2_${alpha.toFixed(2)}_224`,
    size: 224,
    body(b, x) {
      const statistics = { epsilon: 1e-3, momentum: 0.999 };
      x = b.conv(x, divisible(32 * alpha), 3, { strides: 2, padding: 'same', use_bias: false, name: 'Conv1' });
      x = b.relu6(b.norm(x, { ...statistics, name: 'bn_Conv1' }), 'Conv1_relu');
      let id = 0;
      for (const [filters, stride, expansion, count] of BLOCKS)
        for (let i = 0; i < count; i++) x = invertedResidual(b, x, divisible(filters * alpha), i === 0 ? stride : 1, expansion, id++);
      const last = alpha > 1 ? divisible(1280 * alpha) : 1280;
      x = b.conv(x, last, 1, { use_bias: false, name: 'Conv_1' });
      return b.relu6(b.norm(x, { ...statistics, name: 'Conv_1_bn' }), 'out_relu');
    },
    top: averageTop('global_average_pooling2d'),
  };
}
