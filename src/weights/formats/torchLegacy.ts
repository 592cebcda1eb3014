import { ByteReader } from '../byteReader';
import type { FoundFile, OpenContext } from '../formatReader';
import { PickleDict, itemsOf } from '../pickle/pickleValue';
import { readPickle } from '../pickle/readPickle';
import { storageReference, torchElementSize, type TorchStorage } from '../pickle/torchPickle';
import { damaged } from '../weightError';
import { torchFile } from './torchFile';

/** PyTorch's magic number 0x1950a86a20f9469cfc6c as a pickle of protocol 2 begins. */
const MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

export function looksLikeTorchLegacy(head: Uint8Array): boolean {
  // The protocol may be another one; the number is the same.
  return head.length > MAGIC.length && MAGIC.every((b, i) => i === 1 || head[i] === b);
}

/**
 * What torch.save wrote before 1.6: pickles of a magic number, a version, the machine, the data and the storages' keys, then the
 * storages themselves, each after its length.
 */
export function readTorchLegacy({ source }: OpenContext): FoundFile {
  const r = new ByteReader(source, MAGIC.length);
  const next = () => {
    const pickle = readPickle(r);
    r.offset = pickle.end;
    return pickle;
  };
  const version = next().value;
  const machine = next().value;
  const isBigEndian = machine instanceof PickleDict && machine.get('little_endian') === false;
  const pickle = next();
  const sizes = new Map<string, number>();
  for (const persistent of pickle.persistents) {
    const reference = storageReference(persistent);
    if (reference) sizes.set(reference.key, torchElementSize(reference.dtype));
  }
  const lengths = new ByteReader(source, 0, source.size, !isBigEndian);
  const storages = new Map<string, TorchStorage>();
  lengths.offset = 0;
  const keys = itemsOf(next().value).map(String);
  lengths.offset = r.offset;
  for (const key of keys) {
    const size = sizes.get(key);
    if (size === undefined) damaged(`the storage ${key} at byte ${lengths.offset} belongs to no tensor`);
    const bytes = lengths.u64() * (size as number);
    storages.set(key, { source, offset: lengths.skip(bytes), bytes });
  }
  const producer = { container: 'legacy', version: typeof version === 'number' ? version : null };
  return torchFile(pickle, producer, (key) => storages.get(key) ?? null, isBigEndian);
}
