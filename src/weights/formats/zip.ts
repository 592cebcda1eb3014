import type { FoundFile, OpenContext } from '../formatReader';
import { WeightError } from '../weightError';
import { readZip } from '../zipArchive';
import { looksLikeKerasZip, readKerasZip } from './keras';
import { readNpz } from './npz';
import { looksLikeTorchExport, readTorchExport } from './torchExport';
import { looksLikeTorchZip, readTorchZip } from './torchZip';

/** Weight files that are zip archives, told apart by their entries. */
export async function readZipped({ source }: OpenContext): Promise<FoundFile> {
  const entries = await readZip(source);
  if (looksLikeTorchZip(entries)) return readTorchZip(entries);
  if (looksLikeTorchExport(entries)) return readTorchExport(entries);
  if (looksLikeKerasZip(entries)) return readKerasZip(entries);
  if (entries.length > 0 && entries.some((e) => e.name.endsWith('.npy'))) return readNpz(entries);
  const names = entries.slice(0, 3).map((e) => e.name);
  throw new WeightError(
    `the zip archive is no weight file${names.length ? ` (it holds ${names.join(', ')}${entries.length > 3 ? ', …' : ''})` : ' (it is empty)'}`,
    'unpack it and open what is inside',
  );
}
