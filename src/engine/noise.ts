/**
 * Random numbers for dropout and noise layers, found by counting: number `i` of a key is a hash of both, so any part of any step's
 * noise can be made again without what came before, by any thread, in any order. The hash is the finaliser of splitmix32 in two
 * rounds, one per half of the key.
 */
export interface NoiseKey {
  readonly low: number;
  readonly high: number;
}

/** The key of one layer's noise in one step of a run. */
export function noiseKey(seed: number, step: number, layerName: string): NoiseKey {
  const bits = new Uint32Array(new Float64Array([seed]).buffer);
  let low = mix(bits[0] ^ Math.imul(bits[1], 0x9e3779b9));
  low = mix(low ^ step);
  let high = 0x811c9dc5; // FNV-1a over UTF-16 code units
  for (let i = 0; i < layerName.length; i++) high = Math.imul(high ^ layerName.charCodeAt(i), 0x01000193);
  return { low, high: mix(high ^ low) };
}

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Number `i` of a key: 32 random bits. */
export function noiseBits(key: NoiseKey, i: number): number {
  return mix(mix((Math.imul(i, 0x9e3779b9) + key.low) | 0) ^ key.high);
}

/** For dropout: each of `length` values is 0 with probability `rate` and else `scale`. */
export function dropMask(key: NoiseKey, length: number, rate: number, scale: number): Float32Array {
  const mask = new Float32Array(length);
  const threshold = Math.round(rate * 0x100000000);
  const { low, high } = key;
  for (let i = 0; i < length; i++) {
    // noiseBits, written out: this loop runs over every activation of a layer in every step.
    let x = (Math.imul(i, 0x9e3779b9) + low) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    x = x ^ (x >>> 15) ^ high;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    if ((x ^ (x >>> 15)) >>> 0 >= threshold) mask[i] = scale;
  }
  return mask;
}

/** `length` normal numbers around 0 with standard deviation 1 (Box and Muller). */
export function normalNoise(key: NoiseKey, length: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((noiseBits(key, i) + 1) / 0x100000000));
    const angle = (2 * Math.PI * noiseBits(key, i + 1)) / 0x100000000;
    values[i] = radius * Math.cos(angle);
    if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
