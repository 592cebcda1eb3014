/**
 * The SafeTensors container (https://github.com/huggingface/safetensors), float32 subset, for frames and checkpoints: an 8-byte
 * little-endian header length, a JSON header, then the raw data. A frame in memory and a frame on disk are the same bytes.
 */
export interface NamedTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

export interface TensorFile {
  metadata: Record<string, string>;
  tensors: Map<string, NamedTensor>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Packs tensors into one exact-size ArrayBuffer. Every tensor starts on a multiple of 8 bytes. */
export function encodeTensors(tensors: NamedTensor[], metadata: Record<string, string> = {}): ArrayBuffer {
  const header: Record<string, HeaderEntry | Record<string, string>> = { __metadata__: metadata };
  let offset = 0;
  for (const t of tensors) {
    header[t.name] = { dtype: 'F32', shape: t.shape, data_offsets: [offset, offset + t.values.length * 4] };
    offset += t.values.length * 4;
  }
  let json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded !== json.length) {
    const spaces = new Uint8Array(padded).fill(0x20);
    spaces.set(json);
    json = spaces;
  }
  const buffer = new ArrayBuffer(8 + padded + offset);
  new DataView(buffer).setBigUint64(0, BigInt(padded), true);
  new Uint8Array(buffer, 8, padded).set(json);
  const data = new Float32Array(buffer, 8 + padded);
  let at = 0;
  for (const t of tensors) {
    data.set(t.values, at);
    at += t.values.length;
  }
  return buffer;
}

/**
 * Reads what `encodeTensors` wrote. The values are views into `buffer`, not copies.
 * @throws Error when the header, a dtype, a length or an offset does not fit the buffer.
 */
export function decodeTensors(buffer: ArrayBuffer): TensorFile {
  if (buffer.byteLength < 8) throw new Error('not a tensor file: shorter than its 8-byte header length');
  const headerLength = Number(new DataView(buffer).getBigUint64(0, true));
  if (headerLength > buffer.byteLength - 8)
    throw new Error(`header of ${headerLength} bytes does not fit a file of ${buffer.byteLength} bytes`);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, headerLength))) as Record<string, HeaderEntry>;
  const start = 8 + headerLength;
  const tensors = new Map<string, NamedTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as unknown as Record<string, string>;
      continue;
    }
    if (entry.dtype !== 'F32') throw new Error(`tensor ${name} has dtype ${entry.dtype}; frames and checkpoints hold F32 only`);
    const [from, to] = entry.data_offsets;
    const length = entry.shape.reduce((a, b) => a * b, 1);
    if (!(from >= 0 && to - from === length * 4 && start + to <= buffer.byteLength))
      throw new Error(`tensor ${name} does not fit the file`);
    const at = start + from;
    const values = at % 4 === 0 ? new Float32Array(buffer, at, length) : new Float32Array(buffer.slice(at, at + length * 4));
    tensors.set(name, { name, shape: entry.shape, values });
  }
  return { metadata, tensors };
}
