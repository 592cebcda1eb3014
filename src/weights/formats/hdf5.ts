import type { ByteSource } from '../byteSource';
import type { FoundFile, FoundTensor } from '../formatReader';
import { DirectHdf5 } from '../hdf5/direct/directHdf5';
import { Unsupported } from '../hdf5/direct/unsupported';
import { Hdf5File } from '../hdf5/hdf5File';
import { textAttribute, type Hdf5Reader } from '../hdf5/hdf5Reader';
import { hdf5Tensor } from '../hdf5/hdf5Tensor';
import { readKerasLegacy } from './kerasLegacy';
import { kerasVariable } from './kerasVariable';

const MAX_OBJECTS = 200_000;
const MAX_DEPTH = 64;
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** HDF5's signature stands at byte 0 or, behind a user block, at 512, 1024, 2048. */
export function looksLikeHdf5(head: Uint8Array): boolean {
  return [0, 512, 1024, 2048].some((at) => SIGNATURE.every((b, i) => head[at + i] === b));
}

/** HDF5: weights of Keras 1 and 2 (`layer_names`), of Keras 3 (`layers/…/vars`), or any data sets. */
export async function readHdf5(source: ByteSource): Promise<FoundFile> {
  try {
    return readWith(new DirectHdf5(source));
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
  }
  return readWith(await Hdf5File.open(source));
}

function readWith(file: Hdf5Reader): FoundFile {
  try {
    const found = readKerasLegacy(file) ?? readTree(file);
    return { ...found, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** All data sets, named by their path. */
function readTree(file: Hdf5Reader): FoundFile {
  const tensors: FoundTensor[] = [];
  const warnings: string[] = [];
  const seen = new Set<string>();
  let skipped = 0;
  let tooDeep = 0;
  let isKeras = false;

  const visit = (path: string, depth: number): void => {
    const id = file.identity(path || '/');
    if (seen.has(id)) return;
    if (depth > MAX_DEPTH) return void tooDeep++;
    seen.add(id);
    for (const name of sortedByNumber(file.names(path || '/'))) {
      const child = `${path}/${name}`;
      if (seen.size + tensors.length + skipped > MAX_OBJECTS) return;
      const kind = file.kind(child);
      if (kind === 'group') visit(child, depth + 1);
      else if (kind === 'dataset') {
        const tensor = hdf5Tensor(file, child, child.slice(1));
        const variable = kerasVariable(child, tensor.shape, () => textAttribute(file, path, 'name'));
        isKeras ||= variable !== null;
        tensors.push({ ...tensor, ...variable });
      } else skipped++;
    }
  };
  visit('', 0);
  if (skipped) warnings.push(`${skipped} links to elsewhere were not followed`);
  if (tooDeep) warnings.push(`groups nested more than ${MAX_DEPTH} deep were not looked into`);
  if (seen.size + tensors.length + skipped > MAX_OBJECTS) warnings.push(`only the first ${MAX_OBJECTS} objects are shown`);
  if (tensors.length === 0) warnings.push('the file holds no data set');
  return { format: isKeras ? 'keras_v3' : 'hdf5', producer: {}, convention: isKeras ? 'keras' : 'unknown', tensors, warnings };
}

/** Whole numbers by size, everything else by its letters. */
function sortedByNumber(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, number: Number(name) }));
  keyed.sort((a, b) => {
    if (Number.isInteger(a.number) && Number.isInteger(b.number)) return a.number - b.number;
    return a.name < b.name ? -1 : 1;
  });
  return keyed.map((k) => k.name);
}
