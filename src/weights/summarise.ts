import type { TensorSummary } from '../common/weightsProtocol';

const BINS = 96;

/** Values of a tensor piece by piece; asked for twice, because a histogram needs to know its range first. */
export type ValueChunks = () => AsyncIterable<Float32Array>;

/** Statistics and histogram of a tensor of any size. Sums are in double precision, merged as of Chan, Golub and LeVeque (1979). */
export async function summarise(chunks: ValueChunks): Promise<TensorSummary> {
  let [count, mean, m2, squares, zeros, nan, infinite] = [0, 0, 0, 0, 0, 0, 0];
  let [min, max] = [Infinity, -Infinity];
  for await (const chunk of chunks()) {
    let [n, sum] = [0, 0];
    for (let i = 0; i < chunk.length; i++) {
      const v = chunk[i];
      if (v - v !== 0) {
        if (v !== v) nan++;
        else infinite++;
        continue;
      }
      n++;
      sum += v;
      squares += v * v;
      if (v === 0) zeros++;
      if (v < min) min = v;
      if (v > max) max = v;
    }
    if (n === 0) continue;
    const own = sum / n;
    let deviation = 0;
    for (let i = 0; i < chunk.length; i++) {
      const v = chunk[i];
      if (v - v === 0) deviation += (v - own) * (v - own);
    }
    const delta = own - mean;
    m2 += deviation + (delta * delta * count * n) / (count + n);
    mean += (delta * n) / (count + n);
    count += n;
  }
  const [low, high] = count === 0 ? [0, 0] : min < max ? [min, max] : [min - 0.5, max + 0.5];
  const counts = new Float64Array(BINS);
  if (count > 0)
    for await (const chunk of chunks()) {
      const factor = BINS / (high - low);
      for (let i = 0; i < chunk.length; i++) {
        const v = chunk[i];
        if (v - v === 0) counts[Math.max(0, Math.min(BINS - 1, Math.floor((v - low) * factor)))]++;
      }
    }
  return {
    count,
    min: count ? min : NaN,
    max: count ? max : NaN,
    mean: count ? mean : NaN,
    std: count ? Math.sqrt(m2 / count) : NaN,
    norm: Math.sqrt(squares),
    zeros,
    nan,
    infinite,
    histogram: { low, high, counts: [...counts] },
  };
}
