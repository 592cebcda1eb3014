import type { ByteSource } from './byteSource';
import type { FoundFile, OpenContext } from './formatReader';
import { readCaffe } from './formats/caffe';
import { looksLikeGguf, readGguf } from './formats/gguf';
import { looksLikeHdf5, readHdf5 } from './formats/hdf5';
import { looksLikeJson, readJsonFormat } from './formats/json';
import { looksLikeNpy, readNpy } from './formats/npy';
import { readNumpyPickle } from './formats/numpyPickle';
import { readOnnx } from './formats/onnx';
import { looksLikeSafetensors, readSafetensors } from './formats/safetensors';
import { sniffProtobuf } from './formats/sniffProtobuf';
import { readCheckpointIndex, readSavedModel } from './formats/tensorflow';
import { looksLikeTflite, readTflite } from './formats/tflite';
import { looksLikeTorchLegacy, readTorchLegacy } from './formats/torchLegacy';
import { readZipped } from './formats/zip';
import { refuseOtherKinds } from './otherKind';
import { looksLikePickle } from './pickle/readPickle';
import { looksLikeSortedTable } from './sortedTable';
import { WeightError } from './weightError';
import { looksLikeZip } from './zipArchive';

/** How much of the file is looked at to tell what it is. */
const HEAD = 4096;
const KNOWN =
  'give a .safetensors, .h5, .keras, .pt, .pth, .bin, .onnx, .npy, .npz, .pkl, .tflite, .gguf or .caffemodel file, a TF.js model.json, or the folder of a TensorFlow model';

/**
 * Finds out from its content what a file is and reads its headers.
 * @throws WeightError when it is no weight file, or damaged.
 */
export async function readFormat(context: OpenContext): Promise<FoundFile> {
  const { source } = context;
  if (source.size === 0) throw new WeightError('the file is empty', 'give a weight file');
  const head = source.read(0, Math.min(HEAD, source.size));
  if (looksLikeZip(head)) return readZipped(context);
  if (looksLikeHdf5(head)) return readHdf5(source);
  if (looksLikeNpy(head)) return readNpy(context);
  if (looksLikeGguf(head)) return readGguf(context);
  if (looksLikeTflite(head)) return readTflite(context);
  if (looksLikeSafetensors(head, source.size)) return readSafetensors(context);
  if (looksLikeTorchLegacy(head)) return readTorchLegacy(context);
  if (looksLikeSortedTable(source)) return readCheckpointIndex(context);
  if (looksLikeJson(head)) return readJsonFormat(context, (shard: ByteSource) => readShard(context, shard));
  refuseOtherKinds(head);
  if (looksLikePickle(head)) return readNumpyPickle(context);
  switch (sniffProtobuf(source)) {
    case 'onnx':
      return readOnnx(context);
    case 'caffe':
      return readCaffe(context);
    case 'savedmodel':
      return readSavedModel(context);
    case 'graphdef':
      throw new WeightError('this is a frozen TensorFlow graph', 'convert it to TFLite, ONNX or TF.js');
  }
  throw new WeightError('this is no weight file that Kernelscope knows', KNOWN);
}

/** A shard is a weight file, and no index of more shards. */
function readShard(context: OpenContext, source: ByteSource): Promise<FoundFile> {
  if (source.size > 0 && looksLikeJson(source.read(0, Math.min(HEAD, source.size))))
    throw new WeightError(`${source.label} is JSON instead of a shard with weights`, 'let the index name weight files');
  return readFormat({ ...context, source });
}
