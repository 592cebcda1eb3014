import type { ConvInfo } from './convolutionGeometry';
import { paddedImage } from './convolutionGeometry';
import { type Context, type Info, sizeOf } from './context';
import { JOB } from './jobs';
import { chunksOf, type Launch, perItem, whole } from './launch';

/** What a gradient is that came through max pooling by 2×2: zeros, but for each window's winner. */
export interface PooledGradient {
  /** What was pooled, and its maxima. */
  readonly map: Info;
  readonly maxima: Info;
  /** The gradient of the maxima. */
  readonly dy: Info;
  /** Whether a relu came before the pooling: only positive maxima have a gradient. */
  readonly isRectified: boolean;
}

/** Remembers which tensors are such gradients. */
export class PooledGradients {
  private readonly known = new WeakMap<object, PooledGradient>();

  constructor(private readonly isAlive: (dataId: object) => boolean) {}

  add(gradient: Info, from: PooledGradient): void {
    this.known.set(gradient.dataId, from);
  }

  /** Undefined for any other tensor, and when what it is made of is gone. */
  of(gradient: Info): PooledGradient | undefined {
    const from = this.known.get(gradient.dataId);
    return from && [from.map, from.maxima, from.dy].every((t) => this.isAlive(t.dataId)) ? from : undefined;
  }

  /** The gradient of a relu with output `y`: `dz` is `dy` where y is positive. */
  rectify(dy: Info, y: Info, dz: Info): void {
    const from = this.of(dy);
    if (from?.map.dataId === y.dataId) this.add(dz, { ...from, isRectified: true });
  }
}

/** Bytes of a list's entry. */
const ENTRY = 8;
/** Bytes of the image that a block of pooled rows sends gradients to, and of what was pooled: they should stay in the first-level cache. */
const BLOCK_BYTES = 32_768;

/** A run is a row of a window; the sparse kernels need its elements side by side. */
const hasRuns = (i: ConvInfo): boolean => i.dilationWidth === 1;

const runOf = (i: ConvInfo): number => i.filterWidth * i.inChannels;
const paddedRun = (i: ConvInfo): number => Math.ceil(runOf(i) / 4) * 4;

/** The launch that computes sums of the filter's gradient, or dx, or both. */
function gradLaunch(c: Context, from: PooledGradient, i: ConvInfo, x: number, sums: number, filter: number, dx: number): Launch {
  const { batchSize: n, inHeight: h, inWidth: w, inChannels: cin, outHeight, outWidth, outChannels: cout, filterHeight: kh } = i;
  const [, poolH, poolW] = from.maxima.shape;
  const image = paddedImage(h, w, cin, i.padInfo);
  const row = image.width * cin * 4;
  const byImage = Math.floor((BLOCK_BYTES / row - kh) / (2 * i.strideHeight));
  const byMap = Math.floor(BLOCK_BYTES / (2 * outWidth * cout * 4));
  const block = Math.max(1, Math.min(poolH, byImage, byMap));
  const chunks = chunksOf(n);
  const filterBytes = cout * kh * paddedRun(i) * 4;
  const imageBytes = h * w * cin * 4;
  const pooledBytes = poolH * poolW * cout * 4;
  const [map, maxima, dy] = [from.map, from.maxima, from.dy].map((t) => c.at(t));
  return {
    job: JOB.pooledGrad,
    items: n,
    chunks,
    words: [
      x,
      ...image.words,
      ...[map, maxima, dy, outWidth, outHeight, poolH, poolW, cout, from.isRectified ? 1 : 0],
      ...[i.strideHeight * row, i.strideWidth * cin * 4, kh, runOf(i), i.dilationHeight * row],
      ...[sums, filter, dx, block, 0],
    ],
    reads: [
      ...(sums ? [perItem(x, n, imageBytes)] : []),
      perItem(map, n, outHeight * outWidth * cout * 4),
      perItem(maxima, n, pooledBytes),
      perItem(dy, n, pooledBytes),
      ...(filter ? [whole(filter, filterBytes)] : []),
    ],
    writes: [...(sums ? [whole(sums, chunks * filterBytes)] : []), ...(dx ? [perItem(dx, n, imageBytes)] : [])],
    scratch: 4 * (block * poolW + 1) * ENTRY + 2 * (image.bytes + 16),
    work: n * poolH * poolW * cout * kh * paddedRun(i) * 2,
  };
}

/** The filter's gradient of a convolution whose output's gradient came through max pooling; undefined where that is no help. */
export function pooledFilterGrad(c: Context, from: PooledGradient, x: Info, i: ConvInfo): Info | undefined {
  if (!hasRuns(i)) return undefined;
  const { batchSize, inChannels, outChannels: cout, filterHeight: kh, filterWidth } = i;
  const dw = c.output([kh, filterWidth, inChannels, cout]);
  const chunks = chunksOf(batchSize);
  const [run, sumBytes] = [runOf(i), chunks * cout * kh * paddedRun(i) * 4];
  c.temporarily((reserve) => {
    const sums = reserve(sumBytes);
    c.machine.launch(gradLaunch(c, from, i, c.at(x), sums, 0, 0));
    const per = Math.ceil((kh * run) / 16);
    const items = Math.ceil((kh * run) / per);
    c.machine.launch({
      job: JOB.sumRuns,
      items,
      chunks: items,
      words: [sums, chunks, kh, run, cout, c.at(dw), per],
      reads: [whole(sums, sumBytes)],
      writes: [whole(c.at(dw), sizeOf(dw.shape) * 4)],
      work: sumBytes / 2,
    });
  });
  return dw;
}

/** dx of such a convolution; undefined where that is no help. */
export function pooledInputGrad(c: Context, from: PooledGradient, filter: Info, i: ConvInfo): Info | undefined {
  const { outChannels: cout, filterHeight: kh } = i;
  const run = runOf(i);
  // A run that ends within a vector would spill into the next image.
  if (!hasRuns(i) || run % 4 !== 0) return undefined;
  const dx = c.output(i.inShape);
  c.temporarily((reserve) => {
    const bytes = cout * kh * run * 4;
    const packed = reserve(bytes);
    c.machine.launch({
      job: JOB.packRuns,
      items: Math.ceil(cout / 4),
      chunks: Math.ceil(cout / 4),
      words: [c.at(filter), kh, run, cout, packed],
      reads: [whole(c.at(filter), sizeOf(filter.shape) * 4)],
      writes: [whole(packed, bytes)],
      work: kh * run * cout * 4,
    });
    c.machine.launch(gradLaunch(c, from, i, 0, 0, packed, c.at(dx)));
  });
  return dx;
}

/** Sums of such a gradient over all pixels, per channel. */
export function pooledSums(c: Context, { maxima, dy, isRectified }: PooledGradient, add: (chunks: number, sums: number) => void): void {
  const [n, h, w, channels] = maxima.shape;
  const chunks = chunksOf(n);
  c.temporarily((reserve) => {
    const bytes = chunks * channels * 4;
    const sums = reserve(bytes);
    const images = [dy, maxima].map((t) => perItem(c.at(t), n, h * w * channels * 4));
    c.machine.launch({
      job: JOB.pooledSums,
      items: n,
      chunks,
      words: [c.at(dy), h * w, channels, c.at(maxima), isRectified ? 1 : 0, sums],
      reads: images,
      writes: [whole(sums, bytes)],
      work: n * h * w * channels * 2,
    });
    add(chunks, sums);
  });
}
