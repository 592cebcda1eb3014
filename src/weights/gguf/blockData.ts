import { checkRange, type ByteSource } from '../byteSource';
import type { TensorData } from '../tensorData';
import type { BlockFormat } from './ggmlTypes';

/** Values packed in blocks, from `offset` on; a range is unpacked from the blocks that hold it. */
export function blockData(source: ByteSource, offset: number, length: number, format: BlockFormat): TensorData {
  checkRange(source.label, source.size, offset, (length / format.values) * format.bytes);
  return {
    read(start, end) {
      const first = Math.floor(start / format.values);
      const last = Math.ceil(end / format.values);
      const bytes = source.read(offset + first * format.bytes, (last - first) * format.bytes);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const out = new Float32Array((last - first) * format.values);
      for (let b = 0; b < last - first; b++) format.unpack(view, b * format.bytes, out, b * format.values);
      return out.slice(start - first * format.values, end - first * format.values);
    },
  };
}
