/** mean|ΔW| / mean|W|, as in Deeplearning4j's charts; about 1e-3 is a common rule of thumb (cs231n). NaN for an all-zero weight. */
export function updateRatio(update: Float32Array, weight: Float32Array): number {
  let u = 0;
  let w = 0;
  for (let i = 0; i < weight.length; i++) {
    u += Math.abs(update[i]);
    w += Math.abs(weight[i]);
  }
  return w > 0 ? u / w : NaN;
}

/**
 * How many filters have an exactly zero gradient: every unit of such a filter was cut off for the whole batch, which is what a dead
 * ReLU looks like. One batch does not prove that it is dead for every image.
 * @param gradient of a kernel whose last axis is `filters`.
 */
export function filtersWithoutGradient(gradient: Float32Array, filters: number): number {
  const isAlive = new Uint8Array(filters);
  for (let i = 0; i < gradient.length; i++) if (gradient[i] !== 0) isAlive[i % filters] = 1;
  return filters - isAlive.reduce((a, b) => a + b, 0);
}
