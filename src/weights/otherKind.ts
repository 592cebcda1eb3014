import { WeightError } from './weightError';

interface Kind {
  what: string;
  remedy: string;
  /** Bytes with which such files begin; in Latin-1. */
  begins: string[];
  /** Where those bytes stand. */
  at?: number;
}

const UNPACK = 'unpack it and open what is inside';

/** What is found in place of weights: answers of servers, pointers, archives and other files under a weight file's name. */
const KINDS: Kind[] = [
  { what: 'a Git LFS pointer, not the file itself', remedy: 'fetch the file with git lfs pull', begins: ['version https://git-lfs'] },
  { what: 'packed with gzip', remedy: UNPACK, begins: ['\x1f\x8b'] },
  { what: 'packed with Zstandard', remedy: UNPACK, begins: ['\x28\xb5\x2f\xfd'] },
  { what: 'packed with xz', remedy: UNPACK, begins: ['\xfd7zXZ\0'] },
  { what: 'packed with bzip2', remedy: UNPACK, begins: ['BZh'] },
  { what: 'a 7-Zip archive', remedy: UNPACK, begins: ['7z\xbc\xaf\x27\x1c'] },
  { what: 'a RAR archive', remedy: UNPACK, begins: ['Rar!\x1a\x07'] },
  { what: 'a tar archive', remedy: UNPACK, begins: ['ustar'], at: 257 },
  { what: 'a PDF document', remedy: 'give a weight file', begins: ['%PDF-'] },
  { what: 'an image', remedy: 'give a weight file', begins: ['\x89PNG\r\n', '\xff\xd8\xff', 'GIF87a', 'GIF89a'] },
  { what: 'a program or library', remedy: 'give a weight file', begins: ['\x7fELF', 'MZ\x90', '\xcf\xfa\xed\xfe', '\xca\xfe\xba\xbe'] },
  { what: 'a SQLite database', remedy: 'give a weight file', begins: ['SQLite format 3\0'] },
  { what: 'a Parquet table', remedy: 'give a weight file', begins: ['PAR1'] },
  { what: 'a MATLAB file of an older version', remedy: "save it with '-v7.3', which is HDF5", begins: ['MATLAB 5.0 MAT-file'] },
];

const PAGE = /^\uFEFF?\s*<(!doctype\s+html|html|\?xml|head|body)\b/i;

/** @throws WeightError that says what the file is, where that can be told from its begin. */
export function refuseOtherKinds(head: Uint8Array): void {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const kind = KINDS.find(({ begins, at = 0 }) => begins.some((b) => text.startsWith(b, at)));
  if (kind) throw new WeightError(`the file is ${kind.what}`, kind.remedy);
  if (PAGE.test(text.slice(0, 512)))
    throw new WeightError('the file is a web page or XML', 'download the weight file itself: a server answered with a page instead');
}
