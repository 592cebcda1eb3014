/** An array of numbers from a file. */
export interface NamedArray {
  name: string;
  shape: number[];
  /** Bytes where the file holds whole numbers of 0…255, which takes a quarter of the memory. */
  values: Uint8Array | Float32Array;
}

/** Values of one row: everything but the first axis. */
export function rowSize(array: NamedArray): number {
  return array.shape.slice(1).reduce((a, b) => a * b, 1);
}
