/** Far more than reading piece by piece takes; a damaged file can ask for gigabytes. */
const MAX_BYTES = 384 * 1024 * 1024;

/**
 * Runs what instantiates a WebAssembly program and keeps that program's memory bounded: growing beyond the bound fails, which the
 * program sees as memory that is not to be had.
 * @param heapOf The program's memory, to tell it from that of others that are instantiated meanwhile.
 */
export async function withBoundedMemory<T>(make: () => Promise<T>, heapOf: (made: T) => ArrayBufferLike): Promise<T> {
  const memories: WebAssembly.Memory[] = [];
  const original = WebAssembly.instantiate;
  const capturing = async (...args: Parameters<typeof original>): Promise<unknown> => {
    const made: unknown = await original(...args);
    const { instance } = made as { instance?: WebAssembly.Instance };
    for (const value of Object.values(instance?.exports ?? {})) if (value instanceof WebAssembly.Memory) memories.push(value);
    return made;
  };
  WebAssembly.instantiate = capturing as typeof original;
  try {
    const made = await make();
    const memory = memories.find((m) => m.buffer === heapOf(made));
    if (!memory) throw new Error('the memory of the HDF5 library was not found; h5wasm has changed how it starts');
    memory.grow = function (pages: number): number {
      if (this.buffer.byteLength + pages * 65536 > MAX_BYTES) throw new RangeError('the HDF5 library asks for too much memory');
      return WebAssembly.Memory.prototype.grow.call(this, pages);
    };
    return made;
  } finally {
    WebAssembly.instantiate = original;
  }
}
