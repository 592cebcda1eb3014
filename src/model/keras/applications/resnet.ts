import type { SymbolicTensor } from '../tensor';
import { averageTop, type Architecture } from './architecture';
import type { NetBuilder } from './netBuilder';

const EPSILON = 1.001e-5;

function block(b: NetBuilder, input: SymbolicTensor, filters: number, stride: number, hasConvShortcut: boolean, name: string) {
  let shortcut = input;
  if (hasConvShortcut) {
    shortcut = b.conv(input, 4 * filters, 1, { strides: stride, name: `${name}_0_conv` });
    shortcut = b.norm(shortcut, { epsilon: EPSILON, name: `${name}_0_bn` });
  }
  let x = b.conv(input, filters, 1, { strides: stride, name: `${name}_1_conv` });
  x = b.activation(b.norm(x, { epsilon: EPSILON, name: `${name}_1_bn` }), 'relu', `${name}_1_relu`);
  x = b.conv(x, filters, 3, { padding: 'same', name: `${name}_2_conv` });
  x = b.activation(b.norm(x, { epsilon: EPSILON, name: `${name}_2_bn` }), 'relu', `${name}_2_relu`);
  x = b.conv(x, 4 * filters, 1, { name: `${name}_3_conv` });
  x = b.norm(x, { epsilon: EPSILON, name: `${name}_3_bn` });
  return b.activation(b.add([shortcut, x], `${name}_add`), 'relu', `${name}_out`);
}

function blockV2(b: NetBuilder, input: SymbolicTensor, filters: number, stride: number, hasConvShortcut: boolean, name: string) {
  const ready = b.activation(b.norm(input, { epsilon: EPSILON, name: `${name}_preact_bn` }), 'relu', `${name}_preact_relu`);
  const shortcut = hasConvShortcut
    ? b.conv(ready, 4 * filters, 1, { strides: stride, name: `${name}_0_conv` })
    : stride > 1
      ? b.use('MaxPooling2D', input, { pool_size: 1, strides: stride })
      : input;
  let x = b.conv(ready, filters, 1, { use_bias: false, name: `${name}_1_conv` });
  x = b.activation(b.norm(x, { epsilon: EPSILON, name: `${name}_1_bn` }), 'relu', `${name}_1_relu`);
  x = b.pad(x, 1, `${name}_2_pad`);
  x = b.conv(x, filters, 3, { strides: stride, use_bias: false, name: `${name}_2_conv` });
  x = b.activation(b.norm(x, { epsilon: EPSILON, name: `${name}_2_bn` }), 'relu', `${name}_2_relu`);
  x = b.conv(x, 4 * filters, 1, { name: `${name}_3_conv` });
  return b.add([shortcut, x], `${name}_out`);
}

/** Residual networks (He et al. 2015), and their second version (2016), in which the activation comes first. */
function resnet(name: string, counts: number[], isV2: boolean): Architecture {
  return {
    name,
    size: 224,
    body(b, x) {
      x = b.conv(b.pad(x, 3, 'conv1_pad'), 64, 7, { strides: 2, name: 'conv1_conv' });
      if (!isV2) x = b.activation(b.norm(x, { epsilon: EPSILON, name: 'conv1_bn' }), 'relu', 'conv1_relu');
      x = b.use('MaxPooling2D', b.pad(x, 1, 'pool1_pad'), { pool_size: 3, strides: 2, name: 'pool1_pool' });
      counts.forEach((count, i) => {
        for (let j = 1; j <= count; j++) {
          const path = `conv${i + 2}_block${j}`;
          const filters = 64 * 2 ** i;
          // The first version shrinks at the beginning of a stack, the second at its end.
          if (isV2) x = blockV2(b, x, filters, j === count && i < counts.length - 1 ? 2 : 1, j === 1, path);
          else x = block(b, x, filters, j === 1 && i > 0 ? 2 : 1, j === 1, path);
        }
      });
      return isV2 ? b.activation(b.norm(x, { epsilon: EPSILON, name: 'post_bn' }), 'relu', 'post_relu') : x;
    },
    top: averageTop('avg_pool'),
  };
}

export const resnets = {
  ResNet50: resnet('resnet50', [3, 4, 6, 3], false),
  ResNet101: resnet('resnet101', [3, 4, 23, 3], false),
  ResNet152: resnet('resnet152', [3, 8, 36, 3], false),
  ResNet50V2: resnet('resnet50v2', [3, 4, 6, 3], true),
  ResNet101V2: resnet('resnet101v2', [3, 4, 23, 3], true),
  ResNet152V2: resnet('resnet152v2', [3, 8, 36, 3], true),
};
