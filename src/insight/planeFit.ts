export interface PlaneFit {
  /** Share of the energy about the mean that the best plane explains, 0…1. */
  score: number;
  /** Direction of the steepest rise in radians: 0 to the right, π/2 downwards. */
  orientation: number;
  /** P(score of random isotropic weights ≥ this score): exactly (1 − score)^((d − 2) / 2), d = height · width − 1 (Beta(1, (d − 2) / 2)). */
  chance: number;
}

/**
 * Projects a slice, its mean removed, on the plane spanned by the horizontal and the vertical ramp.
 * @param w height × width values, row-major; at least 2 × 2
 */
export function planeFit(w: ArrayLike<number>, height: number, width: number): PlaneFit {
  const n = height * width;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += w[i] / n;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  let [total, gx, gy, xx, yy] = [0, 0, 0, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = w[y * width + x] - mean;
      total += v * v;
      gx += v * (x - cx);
      gy += v * (y - cy);
      xx += (x - cx) ** 2;
      yy += (y - cy) ** 2;
    }
  // Nothing about the mean: a constant slice has no direction.
  if (total <= 1e-24 * Math.max(1, mean * mean) * n) return { score: 0, orientation: 0, chance: 1 };
  const score = Math.min(1, ((xx > 0 ? gx ** 2 / xx : 0) + (yy > 0 ? gy ** 2 / yy : 0)) / total);
  const d = n - 1;
  return { score, orientation: Math.atan2(yy > 0 ? gy / yy : 0, xx > 0 ? gx / xx : 0), chance: (1 - score) ** ((d - 2) / 2) };
}
