import { averageTop, type Architecture } from './architecture';

const EPSILON = 1.001e-5;

/** Densely connected networks (Huang et al. 2016). */
function denseNet(name: string, counts: number[]): Architecture {
  return {
    name,
    size: 224,
    body(b, x) {
      x = b.conv(b.pad(x, 3), 64, 7, { strides: 2, use_bias: false, name: 'conv1_conv' });
      x = b.activation(b.norm(x, { epsilon: EPSILON, name: 'conv1_bn' }), 'relu', 'conv1_relu');
      x = b.use('MaxPooling2D', b.pad(x, 1), { pool_size: 3, strides: 2, name: 'pool1' });
      counts.forEach((count, i) => {
        for (let j = 1; j <= count; j++) {
          const path = `conv${i + 2}_block${j}`;
          let y = b.activation(b.norm(x, { epsilon: EPSILON, name: `${path}_0_bn` }), 'relu', `${path}_0_relu`);
          y = b.conv(y, 128, 1, { use_bias: false, name: `${path}_1_conv` });
          y = b.activation(b.norm(y, { epsilon: EPSILON, name: `${path}_1_bn` }), 'relu', `${path}_1_relu`);
          y = b.conv(y, 32, 3, { padding: 'same', use_bias: false, name: `${path}_2_conv` });
          x = b.concat([x, y], `${path}_concat`);
        }
        if (i === counts.length - 1) return;
        const path = `pool${i + 2}`;
        x = b.activation(b.norm(x, { epsilon: EPSILON, name: `${path}_bn` }), 'relu', `${path}_relu`);
        x = b.conv(x, Math.floor(b.channels(x) / 2), 1, { use_bias: false, name: `${path}_conv` });
        x = b.use('AveragePooling2D', x, { pool_size: 2, strides: 2, name: `${path}_pool` });
      });
      return b.activation(b.norm(x, { epsilon: EPSILON, name: 'bn' }), 'relu', 'relu');
    },
    top: averageTop('avg_pool'),
  };
}

export const denseNets = {
  DenseNet121: denseNet('densenet121', [6, 12, 24, 16]),
  DenseNet169: denseNet('densenet169', [6, 12, 32, 32]),
  DenseNet201: denseNet('densenet201', [6, 12, 48, 32]),
};
