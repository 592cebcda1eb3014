import * as fs from 'node:fs';
import { tensorLength } from '../common/weightFile';
import { WHOLE_PLANE } from '../common/planeReduction';
import type { OpenedWeights, TensorRef } from '../common/weightsProtocol';
import { openWeights } from './openWeights';
import type { WeightFileReader } from './weightFileReader';

/** A film may have thousands of files; so many are open at once. */
const MAX_OPEN = 12;
/** Values of whole tensors that are kept, because what is on screen is asked for again and again: 128 MB of float32. */
const MAX_KEPT = 1 << 25;

/** The files that the weights thread has open, and the tensors it read last. */
export class OpenFiles {
  private readonly readers = new Map<string, Promise<WeightFileReader>>();
  private readonly kept = new Map<string, Float32Array>();

  /**
   * Opens a file afresh.
   * @throws WeightError when it is no weight file.
   */
  async open(path: string, signal?: AbortSignal): Promise<OpenedWeights> {
    await this.close(path);
    const { info } = await this.reader(path, signal);
    return { info, bytes: fs.statSync(path).size };
  }

  /** The open file at a path, opened when it is not. */
  async reader(path: string, signal?: AbortSignal): Promise<WeightFileReader> {
    let reader = this.readers.get(path);
    this.readers.delete(path);
    reader ??= openWeights(path, signal);
    this.readers.set(path, reader);
    try {
      const opened = await reader;
      const [oldest] = this.readers.keys();
      if (this.readers.size > MAX_OPEN && oldest !== path) await this.close(oldest);
      return opened;
    } catch (error) {
      if (this.readers.get(path) === reader) this.readers.delete(path);
      throw error;
    }
  }

  async close(path: string): Promise<void> {
    const reader = this.readers.get(path);
    this.readers.delete(path);
    for (const key of this.kept.keys()) if (key.startsWith(`${path}\0`)) this.kept.delete(key);
    await reader?.then(
      (r) => r.close(),
      () => {},
    );
  }

  /** All values of a tensor, kept for the next time; null when there are too many to be read at once. */
  async whole(
    { path, tensor }: TensorRef,
    signal?: AbortSignal,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Float32Array | null> {
    const key = `${path}\0${tensor}`;
    const known = this.kept.get(key);
    this.kept.delete(key);
    if (known) {
      this.kept.set(key, known);
      return known;
    }
    const reader = await this.reader(path, signal);
    const length = tensorLength(reader.tensor(tensor));
    // Of a larger one only what is asked for is read.
    if (length > WHOLE_PLANE) return null;
    const values = new Float32Array(length);
    let at = 0;
    for await (const chunk of reader.chunks(tensor, signal)) {
      values.set(chunk, at);
      at += chunk.length;
      onProgress?.(at, length);
    }
    this.keep(key, values);
    return values;
  }

  private keep(key: string, values: Float32Array): void {
    this.kept.set(key, values);
    let sum = 0;
    for (const v of this.kept.values()) sum += v.length;
    for (const [oldest, v] of this.kept) {
      if (sum <= MAX_KEPT || oldest === key) break;
      this.kept.delete(oldest);
      sum -= v.length;
    }
  }
}
