import { tensorLength, type WeightTensor } from '../common/weightFile';
import type { Difference, TensorDifference, WeightDiff } from '../common/weightDiff';
import { DifferenceSums } from './differenceSums';
import { kernelAxis } from './kernelAxis';
import type { WeightFileReader } from './weightFileReader';

/** What a comparison reports while it runs: how many values of how many are done. */
export type Progress = (done: number, total: number) => void;

interface Pair {
  a: WeightTensor;
  b: WeightTensor;
}

/**
 * Compares two weight files tensor by tensor and kernel by kernel, reading both piece by piece. Tensors belong together by name and
 * shape; what is left over, by a shape that only one tensor on either side has.
 * @throws WeightError when values can't be read; the signal's reason when it fires.
 */
export async function compareWeights(
  a: WeightFileReader,
  b: WeightFileReader,
  signal?: AbortSignal,
  progress?: Progress,
): Promise<WeightDiff> {
  const { pairs, ...rest } = match(a.info.tensors, b.info.tensors);
  const notes = [...rest.notes];
  const tensors: TensorDifference[] = [];
  const total = pairs.reduce((sum, p) => sum + tensorLength(p.a), 0);
  let done = 0;
  for (const pair of pairs) {
    const before = done;
    if (pair.a.unreadable !== null || pair.b.unreadable !== null)
      notes.push(`${pair.a.name} was not compared: ${pair.a.unreadable ?? pair.b.unreadable}`);
    else tensors.push(await comparePair(a, b, pair, signal, (n) => progress?.(before + n, total)));
    done += tensorLength(pair.a);
  }
  tensors.sort(byChange);
  const isWhole = rest.onlyA.length + rest.onlyB.length + rest.reshaped.length === 0 && tensors.length === pairs.length;
  return { ...rest, notes, tensors, isEqual: isWhole && tensors.every((t) => t.isEqual) };
}

async function comparePair(
  readerA: WeightFileReader,
  readerB: WeightFileReader,
  { a, b }: Pair,
  signal: AbortSignal | undefined,
  progress: (done: number) => void,
): Promise<TensorDifference> {
  const isConv = a.role === 'conv kernel';
  const axis = (isConv ? kernelAxis(a.layout ?? b.layout, a.shape) : null) ?? { step: Math.max(1, tensorLength(a)), count: 1 };
  const sums = new DifferenceSums(Math.max(1, axis.count));
  let at = 0;
  for await (const values of readerA.chunks(a.name, signal)) {
    const others = await readerB.read(b.name, at, at + values.length, signal);
    sums.add(values, others, at, Math.max(1, axis.step));
    at += values.length;
    progress(at);
  }
  const kernels = axis.count > 1 ? Array.from({ length: axis.count }, (_, kernel) => ({ kernel, ...sums.of(kernel) })).sort(byChange) : [];
  return {
    nameA: a.name,
    nameB: b.name,
    shape: a.shape,
    dtypeA: a.dtype,
    dtypeB: b.dtype,
    layout: a.layout ?? b.layout,
    notFinite: sums.notFinite,
    ...sums.total(),
    kernels,
  };
}

/** The most changed first, measured against the size of what was there. */
function byChange(a: Difference, b: Difference): number {
  if (a.relative !== b.relative) return b.relative - a.relative;
  return b.rms - a.rms || Number(a.isEqual) - Number(b.isEqual);
}

function match(a: WeightTensor[], b: WeightTensor[]): { pairs: Pair[] } & Pick<WeightDiff, 'reshaped' | 'onlyA' | 'onlyB' | 'notes'> {
  const inB = new Map(b.map((t) => [t.name, t]));
  const inA = new Set(a.map((t) => t.name));
  const pairs: Pair[] = [];
  const reshaped: WeightDiff['reshaped'] = [];
  const restA: WeightTensor[] = [];
  for (const t of a) {
    const other = inB.get(t.name);
    if (!other) restA.push(t);
    else if (sameShape(t, other)) pairs.push({ a: t, b: other });
    else reshaped.push({ name: t.name, shapeA: t.shape, shapeB: other.shape });
  }
  const restB = b.filter((t) => !inA.has(t.name));
  const notes: string[] = [];
  const [aloneA, aloneB] = [aloneByShape(restA), aloneByShape(restB)];
  for (const [shape, t] of aloneA) {
    const other = aloneB.get(shape);
    if (!t || !other) continue;
    pairs.push({ a: t, b: other });
    notes.push(
      `${t.name} was compared with ${other.name}: the names differ, but no other tensors left have the shape [${t.shape.join(', ')}]`,
    );
  }
  const matched = new Set(pairs.flatMap((p) => [p.a, p.b]));
  const names = (list: WeightTensor[]): string[] => list.filter((t) => !matched.has(t)).map((t) => t.name);
  return { pairs, reshaped, onlyA: names(restA), onlyB: names(restB), notes };
}

/** By shape, the one tensor of that shape; null where there are several. An optimiser's state repeats every shape. */
function aloneByShape(tensors: WeightTensor[]): Map<string, WeightTensor | null> {
  const map = new Map<string, WeightTensor | null>();
  for (const t of tensors) if (t.role !== 'optimiser') map.set(t.shape.join(), map.has(t.shape.join()) ? null : t);
  return map;
}

function sameShape(a: WeightTensor, b: WeightTensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((n, k) => n === b.shape[k]);
}
