import { damaged } from '../../weightError';

/**
 * Unpacks LZF, which h5py offers as a filter (format of Marc Lehmann's LibLZF 3, lzf_d.c): runs of literals, and references to what
 * was written before.
 * @param most bytes that may come out
 * @param where for messages
 * @throws WeightError when the bytes are no LZF or grow beyond `most`.
 */
export function unpackLzf(packed: Uint8Array, most: number, where: string): Uint8Array {
  const out = new Uint8Array(most);
  let from = 0;
  let to = 0;
  while (from < packed.length) {
    const control = packed[from++];
    if (control < 32) {
      const count = control + 1;
      if (from + count > packed.length || to + count > most) damaged(`${where} is no LZF at packed byte ${from - 1}`);
      out.set(packed.subarray(from, from + count), to);
      from += count;
      to += count;
      continue;
    }
    const begin = from - 1;
    let count = (control >> 5) + 2;
    if (count === 9) count += packed[from++] ?? NaN;
    const back = ((control & 31) << 8) + (packed[from++] ?? NaN) + 1;
    // A missing byte makes a NaN, which fits nowhere.
    if (!(back <= to && to + count <= most)) damaged(`${where} is no LZF at packed byte ${begin}`);
    for (const end = to + count; to < end; to++) out[to] = out[to - back];
  }
  return out.subarray(0, to);
}
