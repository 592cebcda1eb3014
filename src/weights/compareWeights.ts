import { isOfStep } from '../common/frame';
import { isSameShape, matchTensors } from '../common/matchTensors';
import { tensorLength, type WeightTensor } from '../common/weightFile';
import type { Difference, TensorDifference, WeightDiff } from '../common/weightDiff';
import { DifferenceSums } from './differenceSums';
import { kernelAxis } from './kernelAxis';
import type { WeightFileReader } from './weightFileReader';

/** What a comparison reports while it runs: how many values of how many are done. */
export type Progress = (done: number, total: number) => void;

/**
 * Compares two weight files tensor by tensor and kernel by kernel, reading both piece by piece. Which tensors belong together,
 * common/matchTensors.ts says.
 * @throws WeightError when values can't be read; the signal's reason when it fires.
 */
export async function compareWeights(
  a: WeightFileReader,
  b: WeightFileReader,
  signal?: AbortSignal,
  progress?: Progress,
): Promise<WeightDiff> {
  const matched = matchTensors(a.info.tensors, b.info.tensors);
  const pairs = matched.flatMap(({ a: left, b: right, reason }) => (left && right ? [{ a: left, b: right, reason }] : []));
  const same = pairs.filter((p) => isSameShape(p.a, p.b));
  const reshaped = pairs.filter((p) => !isSameShape(p.a, p.b)).map((p) => ({ name: p.a.name, shapeA: p.a.shape, shapeB: p.b.shape }));
  const onlyA = matched.flatMap((p) => (p.a && !p.b ? [p.a.name] : []));
  const onlyB = matched.flatMap((p) => (p.b && !p.a ? [p.b.name] : []));
  const notes = same.flatMap((p) => (p.reason ? [`${p.a.name} is ${p.reason}`] : []));
  const tensors: TensorDifference[] = [];
  const total = same.reduce((sum, p) => sum + tensorLength(p.a), 0);
  let done = 0;
  for (const pair of same) {
    const before = done;
    if (pair.a.unreadable !== null || pair.b.unreadable !== null)
      notes.push(`${pair.a.name} was not compared: ${pair.a.unreadable ?? pair.b.unreadable}`);
    else tensors.push(await comparePair(a, b, pair, signal, (n) => progress?.(before + n, total)));
    done += tensorLength(pair.a);
  }
  tensors.sort((x, y) => Number(isOfStep(x.nameA)) - Number(isOfStep(y.nameA)) || byChange(x, y));
  const isWhole = onlyA.length + onlyB.length + reshaped.length === 0 && tensors.length === same.length;
  return { isEqual: isWhole && tensors.every((t) => t.isEqual), tensors, reshaped, onlyA, onlyB, notes };
}

async function comparePair(
  readerA: WeightFileReader,
  readerB: WeightFileReader,
  { a, b }: { a: WeightTensor; b: WeightTensor },
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
