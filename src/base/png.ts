import { crc32Of } from './crc32';
import { deflateSync } from 'node:zlib';

/**
 * Encodes 8-bit RGBA pixels as a PNG (https://www.w3.org/TR/png-3/), unfiltered: kernel pictures are flat squares, which deflate
 * packs well as they are.
 * @param rgba width × height × 4 bytes, rows from the top.
 */
export function encodePng(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): Buffer {
  if (rgba.length !== width * height * 4)
    throw new RangeError(`${width} × ${height} pixels need ${width * height * 4} bytes, not ${rgba.length}`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA, deflate, no filter method, not interlaced
  const rows = Buffer.alloc(height * (1 + width * 4)); // each row begins with its filter type, 0
  for (let y = 0; y < height; y++) rows.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), y * (1 + width * 4) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32Of(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
