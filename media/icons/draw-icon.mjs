// Draws icon.png, a 4 x 4 atlas of oriented kernels in the product's colours:  node media/icons/draw-icon.mjs
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';

const size = 256;
const tiles = 4;
const cells = 5;
const margin = 18;
const gap = 10;
const png = new PNG({ width: size, height: size });
const put = (x, y, [r, g, b], a = 255) => png.data.set([r, g, b, a], (y * size + x) * 4);
const mix = (a, b, t) => a.map((v, i) => Math.round(v + (b[i] - v) * t));
const background = [27, 31, 42];
const positive = [242, 142, 43];
const negative = [66, 135, 214];
const zero = [58, 63, 78];

for (let y = 0; y < size; y++) {
  for (let x = 0; x < size; x++) {
    const radius = 40;
    const dx = Math.max(radius - x, x - (size - 1 - radius), 0);
    const dy = Math.max(radius - y, y - (size - 1 - radius), 0);
    put(x, y, background, dx * dx + dy * dy <= radius * radius ? 255 : 0);
  }
}
const tile = (size - 2 * margin - (tiles - 1) * gap) / tiles;
for (let ty = 0; ty < tiles; ty++) {
  for (let tx = 0; tx < tiles; tx++) {
    const theta = ((ty * tiles + tx) / (tiles * tiles)) * Math.PI;
    for (let py = 0; py < tile; py++) {
      for (let px = 0; px < tile; px++) {
        const cx = (Math.floor((px * cells) / tile) + 0.5) / cells - 0.5;
        const cy = (Math.floor((py * cells) / tile) + 0.5) / cells - 0.5;
        const along = cx * Math.cos(theta) + cy * Math.sin(theta);
        const value = Math.cos(along * 7 + (tx % 2) * (Math.PI / 2)) * Math.exp(-(cx * cx + cy * cy) * 2.5);
        const colour = mix(zero, value > 0 ? positive : negative, Math.min(1, Math.abs(value)));
        put(Math.floor(margin + tx * (tile + gap) + px), Math.floor(margin + ty * (tile + gap) + py), colour);
      }
    }
  }
}
fs.writeFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), 'icon.png'), PNG.sync.write(png));
