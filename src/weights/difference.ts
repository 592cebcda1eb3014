import type { TensorDifference } from '../common/weightsProtocol';

/** What is left of two tensors of the same shape when one is taken from the other; both come in pieces of the same lengths. */
export async function differenceOf(a: AsyncIterable<Float32Array>, b: AsyncIterable<Float32Array>): Promise<TensorDifference> {
  let [count, changed, maxAbs, sumAbs, squares, squaresA, squaresB, product] = [0, 0, 0, 0, 0, 0, 0, 0];
  let isFinite = true;
  const other = b[Symbol.asyncIterator]();
  for await (const left of a) {
    const right = (await other.next()).value as Float32Array | undefined;
    if (right?.length !== left.length) throw new RangeError('the tensors have different lengths');
    count += left.length;
    for (let i = 0; i < left.length; i++) {
      const [x, y] = [left[i], right[i]];
      if (x !== y && (x === x || y === y)) changed++;
      const d = y - x;
      if (d - d !== 0) {
        isFinite = false;
        continue;
      }
      const size = d < 0 ? -d : d;
      if (size > maxAbs) maxAbs = size;
      sumAbs += size;
      squares += d * d;
      squaresA += x * x;
      squaresB += y * y;
      product += x * y;
    }
  }
  return {
    isEqual: changed === 0,
    count,
    changed,
    maxAbs,
    meanAbs: count ? sumAbs / count : 0,
    norm: Math.sqrt(squares),
    normA: Math.sqrt(squaresA),
    cosine: isFinite && squaresA > 0 && squaresB > 0 ? product / Math.sqrt(squaresA * squaresB) : null,
  };
}
