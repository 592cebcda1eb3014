/**
 * Seeded random numbers, the same on every machine. The generator is xoshiro128** (Blackman & Vigna 2018), seeded through
 * splitmix32; named streams keep initialisers, shuffling, dropout and augmentation independent of one another.
 */
export class Random {
  private readonly state = new Uint32Array(4);
  private spareNormal: number | null = null;

  /** @param seed any finite number; its 64-bit floating-point pattern is used, so 0 and fractions are ordinary seeds. */
  constructor(seed: number) {
    const bits = new Uint32Array(new Float64Array([seed]).buffer);
    let s = (bits[0] ^ Math.imul(bits[1], 0x9e3779b9)) >>> 0;
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e3779b9) >>> 0;
      let z = s;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.state[i] = (z ^ (z >>> 15)) >>> 0;
    }
  }

  /** The stream called `label` of a seed: `Random.stream(7, 'init/conv2d/kernel')` is the same whoever asks, whenever. */
  static stream(seed: number, label: string): Random {
    const random = new Random(seed);
    let h = 0x811c9dc5; // FNV-1a over UTF-16 code units
    for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
    random.state[0] ^= h;
    random.state[2] ^= Math.imul(h, 0x85ebca6b);
    random.state[3] |= 1; // never the all-zero state
    for (let i = 0; i < 8; i++) random.nextUint32();
    return random;
  }

  nextUint32(): number {
    const s = this.state;
    const x = Math.imul(s[1], 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  next(): number {
    return ((this.nextUint32() >>> 5) * 67108864 + (this.nextUint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in [0, bound), without modulo bias. */
  integer(bound: number): number {
    const limit = Math.floor(0x100000000 / bound) * bound;
    for (;;) {
      const x = this.nextUint32();
      if (x < limit) return x % bound;
    }
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const f = Math.sqrt((-2 * Math.log(s)) / s);
      this.spareNormal = v * f;
      return u * f;
    }
  }

  /** A random permutation of 0 … n-1 (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const p = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      const j = this.integer(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }
}
