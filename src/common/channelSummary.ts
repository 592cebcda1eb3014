import type { KernelGeometry } from './kernelGeometry';

export type Summary = 'mean' | 'norm' | 'strongest';

/**
 * One slice [kh, kw, filters] per kernel instead of its input channels. `strongest` keeps real weights (the slice with the largest
 * L2 norm), `mean` is signed, `norm` is the L2 norm over the channels.
 */
export function summarise(values: Float32Array, geometry: KernelGeometry, mode: Summary): Float32Array {
  const { kh, kw, cin, filters, strides } = geometry;
  const out = new Float32Array(kh * kw * filters);
  const strongest = mode === 'strongest' ? strongestChannels(values, geometry) : null;
  const sums = new Float64Array(filters);
  for (let y = 0; y < kh; y++)
    for (let x = 0; x < kw; x++) {
      const at = y * strides[0] + x * strides[1];
      const place = (y * kw + x) * filters;
      if (strongest) {
        for (let f = 0; f < filters; f++) out[place + f] = values[at + f * strides[3] + strongest[f] * strides[2]];
        continue;
      }
      // Filters innermost: that is how most weights lie in memory.
      sums.fill(0);
      for (let c = 0; c < cin; c++)
        for (let f = 0; f < filters; f++) {
          const value = values[at + c * strides[2] + f * strides[3]];
          sums[f] += mode === 'mean' ? value : value * value;
        }
      for (let f = 0; f < filters; f++) out[place + f] = mode === 'mean' ? sums[f] / cin : Math.sqrt(sums[f]);
    }
  return out;
}

/** Per kernel the input channel whose kh × kw slice has the largest L2 norm; the first of equals. */
export function strongestChannels(values: Float32Array, geometry: KernelGeometry): Uint32Array {
  const { kh, kw, cin, filters, strides } = geometry;
  const energy = new Float64Array(cin * filters);
  for (let y = 0; y < kh; y++)
    for (let x = 0; x < kw; x++)
      for (let c = 0; c < cin; c++)
        for (let f = 0; f < filters; f++)
          energy[c * filters + f] += values[y * strides[0] + x * strides[1] + c * strides[2] + f * strides[3]] ** 2;
  const best = new Uint32Array(filters);
  for (let c = 1; c < cin; c++) for (let f = 0; f < filters; f++) if (energy[c * filters + f] > energy[best[f] * filters + f]) best[f] = c;
  return best;
}
