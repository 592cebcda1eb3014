import type { MaskSet } from '../imageSet';

/** Masks are kept up to this many bytes; beyond, they are made again when asked for. */
const MAX_BYTES = 256 * 2 ** 20;

/** Masks that are made when they are first read, and kept as bytes. */
export class KeptMasks implements MaskSet {
  private readonly kept: Uint8Array;
  private readonly isKept: Uint8Array;
  private readonly size: number;

  /** @param make writes the classes, 0 to 255, of image `index`'s pixels */
  constructor(
    readonly shape: readonly [number, number],
    count: number,
    private readonly make: (index: number, out: Float32Array) => void | Promise<void>,
    private readonly onDispose: () => void = () => {},
  ) {
    this.size = shape[0] * shape[1];
    const room = Math.min(count, Math.floor(MAX_BYTES / this.size));
    this.kept = new Uint8Array(room * this.size);
    this.isKept = new Uint8Array(room);
  }

  copyTo(index: number, out: Float32Array): void | Promise<void> {
    const at = index * this.size;
    if (this.isKept[index]) return out.set(this.kept.subarray(at, at + this.size));
    const keep = (): void => {
      if (index >= this.isKept.length) return;
      this.kept.set(out, at);
      this.isKept[index] = 1;
    };
    const pending = this.make(index, out);
    return pending ? pending.then(keep) : keep();
  }

  dispose(): void {
    this.onDispose();
  }
}
