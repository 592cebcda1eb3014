import * as path from 'node:path';
import { DataError } from '../dataError';
import type { ImageSet, MaskSet } from '../imageSet';
import { BrokenImageError, type DecodePool } from './decodePool';
import { createPixelStore, type PixelStore } from './pixelStore';

/** Images fetched ahead of need at a time; few, so that those somebody waits for come soon. */
const prefetchWidth = 8;

const notedOneByOne = 5;

/** Image files, decoded when first wanted and, in the background, ahead of that; then kept. */
export class FileImageSet implements ImageSet {
  private readonly store: PixelStore;
  private readonly size: number;
  private readonly isKept: Uint8Array;
  private readonly pending = new Map<number, Promise<Uint8Array>>();
  private readonly broken = new Set<number>();
  private nextPrefetch = 0;
  private isPrefetching = false;
  private isDisposed = false;

  /**
   * @param onNote told of every image that turns out to be broken, and what stands in for it
   * @param masks nothing stands in for an image that has one
   */
  constructor(
    readonly shape: readonly [number, number, number],
    private readonly files: string[],
    readonly labels: Int32Array,
    private readonly pool: DecodePool,
    cacheFolder: string | null,
    private readonly onNote: (note: string) => void,
    readonly masks?: MaskSet,
  ) {
    this.size = shape[0] * shape[1] * shape[2];
    this.store = createPixelStore(files.length, this.size, cacheFolder);
    this.isKept = new Uint8Array(files.length);
  }

  /** Decodes all images ahead of need, in order, in the background. Called by itself at the first read. */
  startPrefetch(): void {
    if (this.isPrefetching) return;
    this.isPrefetching = true;
    for (let i = 0; i < prefetchWidth; i++) void this.prefetch();
  }

  copyTo(index: number, out: Float32Array, at: number): void | Promise<void> {
    if (!this.isKept[index]) {
      const waiting = this.wait(index).then((pixels) => out.set(pixels, at));
      this.startPrefetch();
      return waiting;
    }
    const pixels = this.store.get(index);
    if (!(pixels instanceof Promise)) return out.set(pixels, at);
    return pixels.then((p) => out.set(p, at));
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.pool.dispose();
    this.masks?.dispose?.();
    this.store.dispose();
  }

  /** The image's pixels, or, if it is broken, those of the next image of its class: the same one in every run. */
  private async wait(index: number): Promise<Uint8Array> {
    for (let i = index; ;) {
      if (this.broken.size > 1 && this.broken.size * 2 >= this.files.length) throw this.tooManyBroken();
      if (this.isKept[i]) return this.store.get(i);
      if (!this.broken.has(i)) {
        try {
          return await this.decode(i, true);
        } catch (error) {
          if (!(error instanceof BrokenImageError)) throw error;
          if (this.masks)
            throw new DataError(
              this.files[i],
              `cannot be decoded (${error.message})`,
              'save it again as JPEG or PNG, or take it and its mask away',
            );
        }
      }
      i = this.nextOfClass(i);
      if (i === index)
        throw new DataError(
          path.dirname(this.files[index]),
          'has no image that can be decoded',
          'replace its images or take the class away',
        );
    }
  }

  private tooManyBroken(): DataError {
    const folder = path.dirname(path.dirname(this.files[0]));
    return new DataError(
      folder,
      `has ${this.broken.size} images of ${this.files.length} that cannot be decoded`,
      'save them again as JPEG or PNG',
    );
  }

  private decode(index: number, isUrgent: boolean): Promise<Uint8Array> {
    const running = this.pending.get(index);
    if (running) return running;
    const decoding = this.pool.decode(this.files[index], isUrgent).then(
      (pixels) => {
        this.pending.delete(index);
        if (index < this.store.capacity && !this.isDisposed) {
          this.store.put(index, pixels);
          this.isKept[index] = 1;
        }
        return pixels;
      },
      (error: Error) => {
        this.pending.delete(index);
        if (error instanceof BrokenImageError) this.markBroken(index, error.message);
        throw error;
      },
    );
    this.pending.set(index, decoding);
    return decoding;
  }

  private markBroken(index: number, problem: string): void {
    this.broken.add(index);
    if (this.broken.size > notedOneByOne) return;
    const next = this.nextOfClass(index);
    const instead = next === index ? '' : `; ${path.basename(this.files[next])} is used twice instead`;
    this.onNote(`${this.files[index]} cannot be decoded (${problem})${instead}.`);
    if (this.broken.size === notedOneByOne)
      this.onNote('Further images that cannot be decoded are replaced in the same way, without a note.');
  }

  private nextOfClass(index: number): number {
    if (this.masks) return index;
    for (let step = 1; step <= this.files.length; step++) {
      const i = (index + step) % this.files.length;
      if (this.labels[i] === this.labels[index]) return i;
    }
    return index;
  }

  private async prefetch(): Promise<void> {
    while (!this.isDisposed && this.nextPrefetch < this.store.capacity) {
      const index = this.nextPrefetch++;
      // A broken image is noted by decode; whoever wants it gets another one.
      if (!this.isKept[index] && !this.broken.has(index)) await this.decode(index, false).catch(() => undefined);
    }
  }
}
