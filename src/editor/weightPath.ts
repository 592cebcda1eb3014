import * as path from 'node:path';

/** Endings of files that hold weights; a folder (a SavedModel) has none. */
const ENDING = /\.(h5|hdf5|keras|safetensors|npz|npy|pt|pth|th|ckpt|onnx|tflite|gguf|caffemodel|bin|pkl|pickle|state_dict|index)$/i;
/** A string literal of one line, with its quotes. */
const STRING = /(["'`])((?:\\.|(?!\1).)*)\1/g;
/** Folders above the source file in which a relative path is tried. */
const MAX_UP = 6;

export interface PathInCode {
  text: string;
  /** Columns of the text, without its quotes. */
  start: number;
  end: number;
}

/** The string literal at a column of a line, when it looks like the path of a weight file: `load_model('cat.h5')`, `torch.load("a/b.pt")`. */
export function weightPathAt(line: string, column: number): PathInCode | null {
  for (const match of line.matchAll(STRING)) {
    const start = match.index + 1;
    const end = start + match[2].length;
    if (column < start - 1 || column > end + 1) continue;
    const text = match[2].replace(/\\(["'`\\])/g, '$1');
    return ENDING.test(text) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !text.includes('\0') ? { text, start, end } : null;
  }
  return null;
}

/**
 * Where a path written in a source file may be: as it is, beside the file, in the folders above it (programs are often started from
 * there), and in the workspace.
 * @param file Absolute path of the source file.
 * @param roots Workspace folders.
 */
export function candidatePaths(text: string, file: string, roots: readonly string[], home: string): string[] {
  if (text.startsWith('~/') || text.startsWith('~\\')) return [path.join(home, text.slice(2))];
  if (path.isAbsolute(text)) return [path.normalize(text)];
  const folders: string[] = [];
  const stop = roots.find((root) => file.startsWith(root + path.sep));
  for (let folder = path.dirname(file), n = 0; n < MAX_UP; n++) {
    folders.push(folder);
    if (folder === stop || path.dirname(folder) === folder) break;
    folder = path.dirname(folder);
  }
  // Outside a workspace only the file's own folder counts.
  const near = stop === undefined ? folders.slice(0, 1) : folders;
  return [...new Set([...near, ...roots].map((folder) => path.resolve(folder, text)))];
}
