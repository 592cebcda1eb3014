import type { SymbolicTensor } from '../tensor';
import { averageTop, type Architecture } from './architecture';
import { correctPad } from './mobileNet';
import type { NetBuilder } from './netBuilder';

const BLOCKS: { kernel: number; repeats: number; inputs: number; outputs: number; expand: number; stride: number }[] = [
  { kernel: 3, repeats: 1, inputs: 32, outputs: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, inputs: 16, outputs: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, inputs: 24, outputs: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, inputs: 40, outputs: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, inputs: 80, outputs: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, inputs: 112, outputs: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, inputs: 192, outputs: 320, expand: 6, stride: 1 },
];

function roundFilters(filters: number, width: number): number {
  const scaled = filters * width;
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8);
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}

interface BlockSettings {
  name: string;
  kernel: number;
  inputs: number;
  outputs: number;
  expand: number;
  stride: number;
  dropRate: number;
}

function block(b: NetBuilder, input: SymbolicTensor, s: BlockSettings): SymbolicTensor {
  const { name } = s;
  const filters = s.inputs * s.expand;
  let x = input;
  if (s.expand !== 1) {
    x = b.conv(x, filters, 1, { padding: 'same', use_bias: false, name: `${name}expand_conv` });
    x = b.activation(b.norm(x, { name: `${name}expand_bn` }), 'swish', `${name}expand_activation`);
  }
  if (s.stride === 2) x = b.pad(x, correctPad(x, s.kernel), `${name}dwconv_pad`);
  const padding = s.stride === 2 ? 'valid' : 'same';
  x = b.use('DepthwiseConv2D', x, { kernel_size: s.kernel, strides: s.stride, padding, use_bias: false, name: `${name}dwconv` });
  x = b.activation(b.norm(x, { name: `${name}bn` }), 'swish', `${name}activation`);
  let gate = b.use('GlobalAveragePooling2D', x, { name: `${name}se_squeeze` });
  gate = b.use('Reshape', gate, { target_shape: [1, 1, filters], name: `${name}se_reshape` });
  const reduced = Math.max(1, Math.floor(s.inputs * 0.25));
  gate = b.conv(gate, reduced, 1, { padding: 'same', activation: 'swish', name: `${name}se_reduce` });
  gate = b.conv(gate, filters, 1, { padding: 'same', activation: 'sigmoid', name: `${name}se_expand` });
  x = b.use('Multiply', [x, gate], { name: `${name}se_excite` });
  x = b.conv(x, s.outputs, 1, { padding: 'same', use_bias: false, name: `${name}project_conv` });
  x = b.norm(x, { name: `${name}project_bn` });
  if (s.stride !== 1 || s.inputs !== s.outputs) return x;
  if (s.dropRate > 0) x = b.use('Dropout', x, { rate: s.dropRate, noise_shape: [null, 1, 1, 1], name: `${name}drop` });
  return b.add([x, input], `${name}add`);
}

/** EfficientNet (Tan and Le 2019), scaled in width and depth. */
function efficientNet(variant: string, width: number, depth: number, size: number, dropout: number): Architecture {
  return {
    name: `efficientnet${variant}`,
    size,
    body(b, x) {
      x = b.use('Rescaling', x, { scale: 1 / 255 });
      x = b.use('Normalization', x, {});
      x = b.pad(x, correctPad(x, 3), 'stem_conv_pad');
      x = b.conv(x, roundFilters(32, width), 3, { strides: 2, use_bias: false, name: 'stem_conv' });
      x = b.activation(b.norm(x, { name: 'stem_bn' }), 'swish', 'stem_activation');
      const repeats = BLOCKS.map((s) => Math.ceil(depth * s.repeats));
      const total = repeats.reduce((sum, n) => sum + n, 0);
      let done = 0;
      BLOCKS.forEach((s, i) => {
        for (let j = 0; j < repeats[i]; j++) {
          const outputs = roundFilters(s.outputs, width);
          const inputs = j === 0 ? roundFilters(s.inputs, width) : outputs;
          const name = `block${i + 1}${String.fromCharCode(97 + j)}_`;
          x = block(b, x, { ...s, name, inputs, outputs, stride: j === 0 ? s.stride : 1, dropRate: (0.2 * done++) / total });
        }
      });
      x = b.conv(x, roundFilters(1280, width), 1, { padding: 'same', use_bias: false, name: 'top_conv' });
      return b.activation(b.norm(x, { name: 'top_bn' }), 'swish', 'top_activation');
    },
    top: averageTop('avg_pool', 'predictions', dropout),
  };
}

export const efficientNets = {
  EfficientNetB0: efficientNet('b0', 1, 1, 224, 0.2),
  EfficientNetB1: efficientNet('b1', 1, 1.1, 240, 0.2),
  EfficientNetB2: efficientNet('b2', 1.1, 1.2, 260, 0.3),
  EfficientNetB3: efficientNet('b3', 1.2, 1.4, 300, 0.3),
  EfficientNetB4: efficientNet('b4', 1.4, 1.8, 380, 0.4),
  EfficientNetB5: efficientNet('b5', 1.6, 2.2, 456, 0.4),
  EfficientNetB6: efficientNet('b6', 1.8, 2.6, 528, 0.5),
  EfficientNetB7: efficientNet('b7', 2, 3.1, 600, 0.5),
};
