import { createHash } from 'node:crypto';
import { tensorLength, type WeightFileInfo, type WeightTensor } from '../common/weightFile';
import { guessConvOrder } from './convOrder';
import type { Convention, FoundFile, FoundTensor } from './formatReader';
import type { TensorData } from './tensorData';
import { roleAndLayout } from './tensorRole';
import { WeightError } from './weightError';

/** Values read at a time: 4 MB of float32. */
export const CHUNK = 1 << 20;
/** Values of one `read`: what a Float32Array can reasonably hold. */
const MAX_READ = 1 << 29;

/** An open weight file: what it holds is known, values are read when asked for. */
export class WeightFileReader {
  readonly info: WeightFileInfo;
  private readonly data = new Map<string, TensorData>();
  private readonly byName: Map<string, WeightTensor>;

  constructor(
    found: FoundFile,
    private readonly release: () => void,
  ) {
    const warnings = [...found.warnings];
    const order = conventionOf(found);
    const seen = new Set<string>();
    const normalised = normalisationOwners(found.tensors);
    const tensors = found.tensors.map((t) => {
      const name = uniqueName(t.name, seen);
      if (name !== t.name) warnings.push(`there is more than one tensor ${t.name}; a later one is called ${name}`);
      const tensor = describe({ ...t, name }, order, normalised);
      if (typeof t.data !== 'string') this.data.set(name, t.data);
      return tensor;
    });
    this.byName = new Map(tensors.map((t) => [t.name, t]));
    this.info = { format: found.format, producer: found.producer, tensors, graph: found.graph ?? [], warnings };
  }

  /** @throws WeightError when there is no such tensor. */
  tensor(name: string): WeightTensor {
    const tensor = this.byName.get(name);
    if (!tensor) throw new WeightError(`there is no tensor ${name}`, 'take one of those the file lists');
    return tensor;
  }

  /**
   * Values start … end - 1 of a tensor, row-major as stored, as float32; by default all. The result's buffer is its own.
   * @throws WeightError when they can't be read; the signal's reason when it fires.
   */
  async read(name: string, start = 0, end?: number, signal?: AbortSignal): Promise<Float32Array> {
    const to = end ?? tensorLength(this.tensor(name));
    if (to - start > MAX_READ)
      throw new WeightError(`${to - start} values of tensor ${name} do not fit memory at once`, `read at most ${MAX_READ} at a time`);
    const out = new Float32Array(Math.max(0, to - start));
    let at = 0;
    for await (const chunk of this.chunks(name, signal, start, to)) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  /** The same values piece by piece, letting other work run in between. */
  async *chunks(name: string, signal?: AbortSignal, start = 0, end?: number): AsyncGenerator<Float32Array> {
    const tensor = this.tensor(name);
    const length = tensorLength(tensor);
    const to = end ?? length;
    const data = this.data.get(name);
    if (!data) throw new WeightError(`tensor ${name} cannot be read as numbers: ${tensor.unreadable ?? ''}`, 'look at another tensor');
    if (!(start >= 0 && start <= to && to <= length)) throw new RangeError(`values ${start} to ${to} of ${name}, which has ${length}`);
    for (let at = start; at < to; at += CHUNK) {
      signal?.throwIfAborted();
      yield data.read(at, Math.min(to, at + CHUNK));
      if (to - start > CHUNK) await new Promise((resolve) => setImmediate(resolve));
    }
    signal?.throwIfAborted();
  }

  /** SHA-256 over the values as float32, little-endian, row-major in the stored layout; lower-case hex. */
  async sha256(name: string, signal?: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.chunks(name, signal)) hash.update(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    return hash.digest('hex');
  }

  close(): void {
    this.release();
  }
}

interface Order {
  convention: Convention;
  reason: string;
}

function conventionOf(found: FoundFile): Order {
  if (found.convention === 'keras') return { convention: 'keras', reason: "Keras's and TensorFlow's convention" };
  if (found.convention === 'torch') return { convention: 'torch', reason: 'the convention of PyTorch, ONNX and Caffe' };
  return guessConvOrder(found.tensors.map((t) => t.shape));
}

const STATISTIC = /^(.*[/.])(running_mean|moving_mean)(:\d+)?$/;

/** Owners of a running mean are normalisations, whatever they are called: their scale and shift are too. */
function normalisationOwners(tensors: readonly FoundTensor[]): Set<string> {
  return new Set(tensors.flatMap((t) => STATISTIC.exec(t.name)?.[1] ?? []));
}

function describe(t: FoundTensor, order: Order, normalised: ReadonlySet<string>): WeightTensor {
  const owner = t.name.slice(0, Math.max(t.name.lastIndexOf('/'), t.name.lastIndexOf('.')) + 1);
  const isOfNorm = t.shape.length === 1 && normalised.has(owner);
  const { role, layout } = isOfNorm
    ? { role: 'normalisation' as const, layout: null }
    : roleAndLayout(t.name, t.shape, t.dtype, order.convention);
  const chosen = t.layout ?? (t.role && t.role !== role ? null : layout);
  return {
    name: t.name,
    dtype: t.dtype,
    shape: t.shape,
    layout: chosen,
    layoutReason: chosen ? (t.layoutReason ?? order.reason) : null,
    role: t.role ?? role,
    bytes: t.bytes,
    layer: t.layer ?? null,
    unreadable: typeof t.data === 'string' ? t.data : null,
  };
}

function uniqueName(name: string, seen: Set<string>): string {
  let unique = name;
  for (let n = 2; seen.has(unique); n++) unique = `${name}#${n}`;
  seen.add(unique);
  return unique;
}
