import { RandomAccessReader, fromRandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { SliceSource, type ByteSource } from './byteSource';
import { InflatedInUse, InflatedSource } from './inflatedSource';
import { damaged, GET_AGAIN, WeightError } from './weightError';

/** No weight file has more entries; a hostile one could. */
const MAX_ENTRIES = 200_000;
/** Compressed data that grows by more than this factor to more than this many bytes is taken for a zip bomb. */
const BOMB_FACTOR = 200;
const BOMB_BYTES = 256 * 1024 * 1024;

export interface ZipEntry {
  name: string;
  /** Bytes when unpacked. */
  size: number;
  isCompressed: boolean;
  /**
   * The unpacked content; nothing is unpacked before it is read.
   * @throws WeightError when it is encrypted, packed in an unknown way or would not fit.
   */
  open(): ByteSource;
}

/** `PK\3\4`, or the end record of an empty archive. */
export function looksLikeZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * The entries of a zip archive, read from its directory; folders are left out.
 * @throws WeightError when the directory is damaged.
 */
export async function readZip(source: ByteSource): Promise<ZipEntry[]> {
  const raw = await listEntries(source).catch((error: Error) => {
    throw error instanceof WeightError ? error : new WeightError(`the zip archive is damaged (${error.message})`, GET_AGAIN);
  });
  const byPlace = [...raw].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (let i = 1; i < byPlace.length; i++) {
    const before = byPlace[i - 1];
    if (before.relativeOffsetOfLocalHeader + 30 + before.compressedSize > byPlace[i].relativeOffsetOfLocalHeader)
      damaged(`the zip entries ${before.fileName} and ${byPlace[i].fileName} overlap, as only in a zip bomb`);
  }
  const inUse = new InflatedInUse();
  return raw
    .filter((e) => !e.fileName.endsWith('/'))
    .map((e) => ({
      name: e.fileName,
      size: e.uncompressedSize,
      isCompressed: e.compressionMethod !== 0,
      open: () => openEntry(source, e, inUse),
    }));
}

/** So many entries of a directory are read before other work gets its turn. */
const READS_PER_TURN = 2000;

/** yauzl reads the archive through this; only the directory goes this way. */
class DirectoryReader extends RandomAccessReader {
  private reads = 0;

  constructor(private readonly source: ByteSource) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from([Buffer.from(this.source.read(start, end - start))]);
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    let error: Error | null = null;
    try {
      buffer.set(this.source.read(position, length), offset);
    } catch (e) {
      error = e as Error;
    }
    if (++this.reads % READS_PER_TURN === 0) setImmediate(callback, error);
    else process.nextTick(callback, error);
  }
}

function listEntries(source: ByteSource): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, decodeStrings: false };
    fromRandomAccessReader(new DirectoryReader(source), source.size, options, (error: Error | null, zip?: ZipFile) => {
      if (error || !zip) return reject(error ?? new Error('no directory'));
      if (zip.entryCount > MAX_ENTRIES)
        return reject(new WeightError(`the zip archive has ${zip.entryCount} entries`, 'give a weight file'));
      const entries: Entry[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: Entry) => {
        entry.fileName = nameOf(entry.fileName as unknown as Buffer);
        entries.push(entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
  });
}

/** Names are never used as paths, so any name will do; what is no UTF-8 is of an older program. */
function nameOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}

function openEntry(source: ByteSource, entry: Entry, inUse: InflatedInUse): ByteSource {
  const { fileName: name, relativeOffsetOfLocalHeader: at, compressedSize, uncompressedSize, compressionMethod: method } = entry;
  if (entry.generalPurposeBitFlag & 1)
    throw new WeightError(
      `the zip entry ${name} is protected by a password`,
      'unpack the archive with its password and pack it without one',
    );
  if (method !== 0 && method !== 8)
    throw new WeightError(`the zip entry ${name} is packed by method ${method}`, 'pack it again with the usual method, deflate');
  const header = source.read(at, 30);
  const view = new DataView(header.buffer, header.byteOffset, 30);
  if (view.getUint32(0, true) !== 0x04034b50) damaged(`the zip entry ${name} has no header at byte ${at}`);
  const begin = at + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const packed = new SliceSource(source, begin, compressedSize, name);
  if (method === 0) {
    if (compressedSize !== uncompressedSize)
      damaged(`the zip entry ${name} says it has ${uncompressedSize} bytes, but has ${compressedSize}`);
    return packed;
  }
  if (uncompressedSize > BOMB_BYTES && uncompressedSize > compressedSize * BOMB_FACTOR)
    throw new WeightError(
      `the zip entry ${name} would grow from ${compressedSize} to ${uncompressedSize} bytes, as a zip bomb does`,
      'unpack it yourself if you trust it',
    );
  return new InflatedSource(packed, uncompressedSize, name, inUse);
}
