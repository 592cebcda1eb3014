import * as fs from 'node:fs';
import * as path from 'node:path';
import { describeOpenError } from './describeOpenError';
import { WeightError } from './weightError';

/** Names of files that speak for a whole folder, the best first. */
const MAIN_NAMES = [
  /^saved_model\.pb$/,
  /^model\.json$/,
  /\.safetensors\.index\.json$/,
  /\.bin\.index\.json$/,
  /\.weights\.json$/,
  /(^|[-_])weights_manifest\.json$/,
  /\.index$/,
  /\.(keras|safetensors|onnx|tflite|gguf|caffemodel|h5|hdf5|pt|pth|npz|npy)$/i,
];

/**
 * The file to open: the path itself, or the one that speaks for a folder (a SavedModel, a TF.js model, a checkpoint, …).
 * @param file Absolute.
 * @throws WeightError when there is none, or more than one.
 */
export function mainFileOf(file: string): string {
  let isFolder: boolean;
  try {
    isFolder = fs.statSync(file).isDirectory();
  } catch (error) {
    throw describeOpenError('the file', error);
  }
  if (!isFolder) {
    // A shard of a checkpoint says nothing without its index.
    const index = file.replace(/\.data-\d{5}-of-\d{5}$/, '.index');
    return index !== file && fs.existsSync(index) ? index : file;
  }
  const names = fs.readdirSync(file).sort();
  const newest = newestCheckpoint(file, names);
  if (newest) return path.join(file, newest);
  for (const pattern of MAIN_NAMES) {
    const matching = names.filter((n) => pattern.test(n));
    if (matching.length === 1) return path.join(file, matching[0]);
    if (matching.length > 1)
      throw new WeightError(`the folder holds ${matching.length} weight files`, `give one of them, such as ${matching[0]}`);
  }
  const variables = path.join(file, 'variables', 'variables.index');
  if (fs.existsSync(variables)) return variables;
  if (names.includes('.metadata') && names.some((n) => n.endsWith('.distcp')))
    throw new WeightError(
      'the folder is a distributed checkpoint of PyTorch',
      'join it with python -m torch.distributed.checkpoint.format_utils dcp_to_torch',
    );
  throw new WeightError('the folder holds no weight file', 'give a weight file');
}

/** What TensorFlow's text file `checkpoint` says is the newest. */
function newestCheckpoint(folder: string, names: string[]): string | null {
  const file = path.join(folder, 'checkpoint');
  if (!names.includes('checkpoint') || fs.statSync(file).size > 1 << 20) return null;
  const prefix = /^model_checkpoint_path:\s*"([^"]+)"/m.exec(fs.readFileSync(file, 'utf8'))?.[1];
  const index = prefix && `${path.basename(prefix)}.index`;
  return index && names.includes(index) ? index : null;
}
