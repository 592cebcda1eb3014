import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { tensorLength } from '../../../src/common/weightFile';
import { MemorySource } from '../../../src/weights/byteSource';
import { readFormat } from '../../../src/weights/readFormat';
import { WeightError } from '../../../src/weights/weightError';
import { WeightFileReader } from '../../../src/weights/weightFileReader';
import { WeightsThread } from '../../../src/weights/weightsThread';

export interface Fixture {
  file: string;
  bytes: Uint8Array;
}

export interface FuzzResult {
  inputs: number;
  /** Inputs that still are weight files, and those that were refused. */
  opened: number;
  refused: number;
  slowestMs: number;
  slowest: string;
  largestHeapMb: number;
  /** Anything but a WeightError, and whatever took longer than a second: input, what happened. */
  failures: string[];
}

/** Every file among the fixtures that a person could open. */
export function loadFixtures(folder: string): Fixture[] {
  const names = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((e) => e.isFile() && !/\.py$|expected\.json$/.test(e.name))
    .map((e) => path.join(e.parentPath, e.name))
    .sort()
    .map((file) => ({ file, bytes: new Uint8Array(fs.readFileSync(file)) }));
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  0x80000000n,
  (1n << 53n) + 1n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

/** A damaged copy: cut off, bytes changed, extreme numbers, parts repeated, removed, or taken from another file. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(random() * n);
  // Headers stand at the begin or the end: half of the damage goes there.
  const place = (length: number): number => {
    const near = Math.min(length, 1024);
    const r = random();
    return r < 0.3 ? pick(near) : r < 0.5 ? length - 1 - pick(near) : pick(length);
  };
  let out = new Uint8Array(bytes);
  for (let rounds = 1 + pick(3); rounds > 0 && out.length > 0; rounds--) {
    const at = place(out.length);
    switch (pick(8)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        for (let k = 1 + pick(8); k > 0; k--) out[place(out.length)] = pick(256);
        break;
      case 2:
        out[at] ^= 1 << pick(8);
        break;
      case 3: {
        const extreme = EXTREMES[pick(EXTREMES.length)];
        const size = [1, 2, 4, 8][pick(4)];
        for (let k = 0; k < size && at + k < out.length; k++) out[at + k] = Number((extreme >> BigInt(8 * k)) & 255n);
        break;
      }
      case 4: {
        const length = pick(Math.min(256, out.length - at));
        out = join(out.subarray(0, at), out.subarray(at + length));
        break;
      }
      case 5: {
        const part = out.slice(at, at + 1 + pick(64));
        out = join(out.subarray(0, at), part, part, out.subarray(at));
        break;
      }
      case 6: {
        const from = place(other.length);
        out.set(other.subarray(from, from + Math.min(pick(64), out.length - at)), at);
        break;
      }
      case 7:
        // A digit of a text header.
        for (let k = at; k < Math.min(out.length, at + 200); k++)
          if (out[k] >= 0x30 && out[k] <= 0x39) {
            out[k] = 0x30 + pick(10);
            break;
          }
        break;
    }
  }
  return out;
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** Opens an input as a person's file would be, lists it and reads all of its values. */
async function openAndRead(bytes: Uint8Array, file: string): Promise<void> {
  const found = await readFormat({
    source: new MemorySource(bytes, 'the file'),
    path: file,
    openBeside: (name) => {
      const beside = path.join(path.dirname(file), name);
      if (!fs.existsSync(beside) || !fs.statSync(beside).isFile()) throw new WeightError(`${name} is not there`, 'check the path');
      return new MemorySource(new Uint8Array(fs.readFileSync(beside)), name);
    },
    listBeside: () => [],
  });
  const reader = new WeightFileReader(found, () => found.close?.());
  try {
    for (const t of reader.info.tensors) {
      JSON.stringify(t);
      if (t.unreadable === null && tensorLength(t) < 50_000_000) await reader.sha256(t.name);
    }
  } finally {
    reader.close();
  }
}

/** The same in the thread, which alone survives the loops that damaged HDF5 sends its library into. */
async function openInThread(thread: WeightsThread, bytes: Uint8Array, scratch: string): Promise<void> {
  fs.writeFileSync(scratch, bytes);
  try {
    const { info } = await thread.call('open', { path: scratch });
    for (const t of info.tensors)
      if (t.unreadable === null && tensorLength(t) < 50_000_000) await thread.call('sha256', { path: scratch, tensor: t.name });
  } finally {
    await thread.call('close', { path: scratch }).catch(() => undefined);
  }
}

/**
 * Reads damaged copies of all fixtures. Same seed, same inputs.
 * @param limitMs What takes longer is a failure.
 */
export async function fuzzWeights(
  fixtures: Fixture[],
  inputs: number,
  seed: number,
  limitMs = 1000,
  progress?: (r: FuzzResult) => void,
): Promise<FuzzResult> {
  const random = seeded(seed);
  const thread = new WeightsThread();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-fuzz-'));
  const scratch = path.join(folder, 'input');
  const isHdf5 = (f: Fixture): boolean => /\.(h5|hdf5|keras)$/.test(f.file);
  // Starting the thread and loading the library count for no input.
  const latest = fixtures.find((f) => f.file.endsWith('latest.h5'));
  if (latest) await openInThread(thread, latest.bytes, scratch);
  const result: FuzzResult = { inputs: 0, opened: 0, refused: 0, slowestMs: 0, slowest: '', largestHeapMb: 0, failures: [] };
  for (let i = 0; i < inputs; i++) {
    const fixture = fixtures[i % fixtures.length];
    const input = mutate(fixture.bytes, fixtures[Math.floor(random() * fixtures.length)].bytes, random);
    const what = `input ${i} of seed ${seed}, from ${path.basename(fixture.file)}`;
    const begin = performance.now();
    try {
      if (isHdf5(fixture)) await openInThread(thread, input, scratch);
      else await openAndRead(input, fixture.file);
      result.opened++;
    } catch (error) {
      result.refused++;
      if ((error as Error).name !== 'WeightError') result.failures.push(`${what}: ${(error as Error).stack ?? String(error)}`);
      else if (!/^[^\n]{1,600}; [^\n]{1,300}$/.test((error as Error).message))
        result.failures.push(`${what}: says ${(error as Error).message}`);
    }
    const ms = performance.now() - begin;
    if (ms > result.slowestMs) [result.slowestMs, result.slowest] = [ms, what];
    if (ms > limitMs) result.failures.push(`${what}: took ${Math.round(ms)} ms`);
    result.largestHeapMb = Math.max(result.largestHeapMb, process.memoryUsage.rss() / 1e6);
    result.inputs++;
    if (i % 5000 === 4999) progress?.(result);
  }
  thread.dispose();
  fs.rmSync(folder, { recursive: true, force: true });
  return result;
}
