import type { FoundFile, OpenContext } from './formatReader';
import { readCaffe } from './formats/caffe';
import { looksLikeHdf5, readHdf5 } from './formats/hdf5';
import { looksLikeNpy, readNpy } from './formats/npy';
import { readNumpyPickle } from './formats/numpyPickle';
import { readOnnx } from './formats/onnx';
import { looksLikeSafetensors, readSafetensors } from './formats/safetensors';
import { sniffProtobuf } from './formats/sniffProtobuf';
import { looksLikeTorchLegacy, readTorchLegacy } from './formats/torchLegacy';
import { readZipped } from './formats/zip';
import { looksLikePickle } from './pickle/readPickle';
import { WeightError } from './weightError';
import { looksLikeZip } from './zipArchive';

/** How much of the file is looked at to tell what it is. */
const HEAD = 4096;

/**
 * Finds out from the first bytes what a file is and reads its headers.
 * @throws WeightError when it is no weight file, or damaged.
 */
export async function readFormat(context: OpenContext): Promise<FoundFile> {
  const { source } = context;
  if (source.size === 0) throw new WeightError('the file is empty', 'give a weight file');
  const head = source.read(0, Math.min(HEAD, source.size));
  if (looksLikeSafetensors(head, source.size)) return readSafetensors(context);
  if (looksLikeZip(head)) return readZipped(context);
  if (looksLikeHdf5(head)) return readHdf5(source);
  if (looksLikeNpy(head)) return readNpy(context);
  if (looksLikeTorchLegacy(head)) return readTorchLegacy(context);
  if (looksLikePickle(head)) return readNumpyPickle(context);
  switch (sniffProtobuf(source)) {
    case 'onnx':
      return readOnnx(context);
    case 'caffe':
      return readCaffe(context);
  }
  throw new WeightError('this is no weight file that Kernelscope knows', 'give a weight file');
}
