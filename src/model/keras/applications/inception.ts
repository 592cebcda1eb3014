import type { SymbolicTensor } from '../tensor';
import { averageTop, type Architecture } from './architecture';
import type { NetBuilder } from './netBuilder';

type Tensor = SymbolicTensor;

function unit(b: NetBuilder, x: Tensor, filters: number, rows: number, columns: number, padding = 'same', strides = 1): Tensor {
  x = b.conv(x, filters, [rows, columns], { strides, padding, use_bias: false });
  return b.activation(b.norm(x, { scale: false }), 'relu');
}

function averaged(b: NetBuilder, x: Tensor, filters: number): Tensor {
  return unit(b, b.use('AveragePooling2D', x, { pool_size: 3, strides: 1, padding: 'same' }), filters, 1, 1);
}

function mixed35(b: NetBuilder, x: Tensor, pooled: number, name: string): Tensor {
  const one = unit(b, x, 64, 1, 1);
  const five = unit(b, unit(b, x, 48, 1, 1), 64, 5, 5);
  const three = unit(b, unit(b, unit(b, x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
  return b.concat([one, five, three, averaged(b, x, pooled)], name);
}

function mixed17(b: NetBuilder, x: Tensor, n: number, name: string): Tensor {
  const one = unit(b, x, 192, 1, 1);
  const seven = unit(b, unit(b, unit(b, x, n, 1, 1), n, 1, 7), 192, 7, 1);
  let twice = unit(b, x, n, 1, 1);
  twice = unit(b, unit(b, twice, n, 7, 1), n, 1, 7);
  twice = unit(b, unit(b, twice, n, 7, 1), 192, 1, 7);
  return b.concat([one, seven, twice, averaged(b, x, 192)], name);
}

function mixed8(b: NetBuilder, x: Tensor, i: number): Tensor {
  const one = unit(b, x, 320, 1, 1);
  const three = unit(b, x, 384, 1, 1);
  const pair = b.concat([unit(b, three, 384, 1, 3), unit(b, three, 384, 3, 1)], `mixed9_${i}`);
  const deep = unit(b, unit(b, x, 448, 1, 1), 384, 3, 3);
  const deepPair = b.concat([unit(b, deep, 384, 1, 3), unit(b, deep, 384, 3, 1)]);
  return b.concat([one, pair, deepPair, averaged(b, x, 192)], `mixed${9 + i}`);
}

/** Inception v3 (Szegedy et al. 2015). */
const inceptionV3: Architecture = {
  name: 'inception_v3',
  size: 299,
  body(b, x) {
    const pool = (t: Tensor) => b.use('MaxPooling2D', t, { pool_size: 3, strides: 2 });
    x = unit(b, x, 32, 3, 3, 'valid', 2);
    x = unit(b, unit(b, x, 32, 3, 3, 'valid'), 64, 3, 3);
    x = unit(b, unit(b, pool(x), 80, 1, 1, 'valid'), 192, 3, 3, 'valid');
    x = pool(x);
    [32, 64, 64].forEach((n, i) => (x = mixed35(b, x, n, `mixed${i}`)));
    const three = unit(b, x, 384, 3, 3, 'valid', 2);
    const deep = unit(b, unit(b, unit(b, x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 'valid', 2);
    x = b.concat([three, deep, pool(x)], 'mixed3');
    [128, 160, 160, 192].forEach((n, i) => (x = mixed17(b, x, n, `mixed${4 + i}`)));
    const shrunk = unit(b, unit(b, x, 192, 1, 1), 320, 3, 3, 'valid', 2);
    let seven = unit(b, unit(b, unit(b, x, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    seven = unit(b, seven, 192, 3, 3, 'valid', 2);
    x = b.concat([shrunk, seven, pool(x)], 'mixed8');
    return mixed8(b, mixed8(b, x, 0), 1);
  },
  top: averageTop('avg_pool'),
};

function separable(b: NetBuilder, x: Tensor, filters: number, name: string): Tensor {
  x = b.use('SeparableConv2D', x, { filters, kernel_size: 3, padding: 'same', use_bias: false, name });
  return b.norm(x, { name: `${name}_bn` });
}

/** Xception (Chollet 2016). */
const xception: Architecture = {
  name: 'xception',
  size: 299,
  body(b, x) {
    x = b.conv(x, 32, 3, { strides: 2, use_bias: false, name: 'block1_conv1' });
    x = b.activation(b.norm(x, { name: 'block1_conv1_bn' }), 'relu', 'block1_conv1_act');
    x = b.conv(x, 64, 3, { use_bias: false, name: 'block1_conv2' });
    x = b.activation(b.norm(x, { name: 'block1_conv2_bn' }), 'relu', 'block1_conv2_act');
    const shrink = (input: Tensor, block: number, first: number, second: number): Tensor => {
      const shortcut = b.norm(b.conv(input, second, 1, { strides: 2, padding: 'same', use_bias: false }));
      let y = block > 2 ? b.activation(input, 'relu', `block${block}_sepconv1_act`) : input;
      y = separable(b, y, first, `block${block}_sepconv1`);
      y = separable(b, b.activation(y, 'relu', `block${block}_sepconv2_act`), second, `block${block}_sepconv2`);
      y = b.use('MaxPooling2D', y, { pool_size: 3, strides: 2, padding: 'same', name: `block${block}_pool` });
      return b.add([y, shortcut]);
    };
    [128, 256, 728].forEach((n, i) => (x = shrink(x, i + 2, n, n)));
    for (let block = 5; block < 13; block++) {
      let y = x;
      for (let i = 1; i <= 3; i++)
        y = separable(b, b.activation(y, 'relu', `block${block}_sepconv${i}_act`), 728, `block${block}_sepconv${i}`);
      x = b.add([y, x]);
    }
    x = shrink(x, 13, 728, 1024);
    x = b.activation(separable(b, x, 1536, 'block14_sepconv1'), 'relu', 'block14_sepconv1_act');
    return b.activation(separable(b, x, 2048, 'block14_sepconv2'), 'relu', 'block14_sepconv2_act');
  },
  top: averageTop('avg_pool'),
};

export const inceptions = { InceptionV3: inceptionV3, Xception: xception };
