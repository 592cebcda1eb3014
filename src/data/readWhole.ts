import * as fs from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError, describeIoError } from './dataError';

const inflate = promisify(gunzip);
/** No data set kept in memory as a whole is larger; a gzip bomb ends here. */
const maxBytes = 2 ** 31;

/**
 * Reads a file and, if it is gzip (told by its first bytes), decompresses it on Node's thread pool.
 * @throws DataError when it cannot be read or its compressed data is broken.
 */
export async function readWhole(file: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(file);
  } catch (error) {
    throw new DataError(file, describeIoError(error), 'check the path');
  }
  if (bytes.length === 0) throw new DataError(file, 'is empty', 'download or copy the file again');
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'is cut off' : 'is damaged';
    throw new DataError(file, `${reason}: its gzip data does not decompress`, 'download or copy the file again');
  }
}

/** The first `length` bytes of a file, decompressed if it is gzip; fewer if the file is shorter, none if it cannot be read. */
export async function readHead(file: string, length: number): Promise<Uint8Array> {
  try {
    const handle = await fs.open(file, 'r');
    try {
      const buffer = new Uint8Array(Math.max(length, 4096));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      const head = buffer.subarray(0, bytesRead);
      if (!(head[0] === 0x1f && head[1] === 0x8b)) return head.subarray(0, length);
      // The stream stops in the middle: Z_SYNC_FLUSH makes zlib give what it has.
      return (await inflate(head, { finishFlush: 2 })).subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch {
    return new Uint8Array(0);
  }
}

/** Whether anything lies at a path. */
export async function exists(file: string): Promise<boolean> {
  return fs.stat(file).then(
    () => true,
    () => false,
  );
}
