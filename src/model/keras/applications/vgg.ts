import type { Architecture } from './architecture';

/** VGG with this many convolutions per block (Simonyan and Zisserman 2014). */
function vgg(name: string, counts: number[]): Architecture {
  return {
    name,
    size: 224,
    body(b, x) {
      const filters = [64, 128, 256, 512, 512];
      counts.forEach((count, i) => {
        for (let j = 1; j <= count; j++)
          x = b.conv(x, filters[i], 3, { activation: 'relu', padding: 'same', name: `block${i + 1}_conv${j}` });
        x = b.use('MaxPooling2D', x, { pool_size: 2, strides: 2, name: `block${i + 1}_pool` });
      });
      return x;
    },
    top(b, x, { classes, activation }) {
      x = b.use('Flatten', x, { name: 'flatten' });
      x = b.use('Dense', x, { units: 4096, activation: 'relu', name: 'fc1' });
      x = b.use('Dense', x, { units: 4096, activation: 'relu', name: 'fc2' });
      return b.use('Dense', x, { units: classes, activation, name: 'predictions' });
    },
  };
}

export const vggs = { VGG16: vgg('vgg16', [2, 2, 3, 3, 3]), VGG19: vgg('vgg19', [2, 2, 4, 4, 4]) };
