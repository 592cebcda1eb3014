import type { OptimizerSpec } from '../common/modelSpec';

/** How Keras clips gradients before the optimiser's rule sees them; only one of the three is ever in force, in this order. */
export type Clipping = { kind: 'clipnorm' | 'global_clipnorm' | 'clipvalue'; limit: number };

/** Null when the optimiser takes gradients as they are. */
export function clippingOf({ config }: OptimizerSpec): Clipping | null {
  for (const kind of ['clipnorm', 'global_clipnorm', 'clipvalue'] as const) {
    const limit = config[kind];
    if (typeof limit === 'number' && limit > 0) return { kind, limit };
  }
  return null;
}

/** Clips the gradients of all trained weights in place. */
export function clipGradients({ kind, limit }: Clipping, gradients: Float32Array[]): void {
  if (kind === 'clipvalue') {
    for (const g of gradients) for (let i = 0; i < g.length; i++) g[i] = clipped(g[i], limit);
    return;
  }
  const common = kind === 'global_clipnorm' ? scaleOf(limit, gradients) : null;
  for (const g of gradients) {
    const factor = common ?? scaleOf(limit, [g]);
    if (factor !== 1) for (let i = 0; i < g.length; i++) g[i] *= factor;
  }
}

/**
 * What clipping makes of one of the numbers of `own`, as `clipGradients` does to the bit.
 * @param own the weight's whole gradient
 * @param all of all trained weights in the model's order; null where they are not all known
 * @returns null when it cannot be told without `all`.
 */
export function clippedGradient({ kind, limit }: Clipping, own: Float32Array, offset: number, all: Float32Array[] | null): number | null {
  if (kind === 'clipvalue') return clipped(own[offset], limit);
  if (kind === 'global_clipnorm' && !all) return null;
  return Math.fround(own[offset] * scaleOf(limit, kind === 'clipnorm' ? [own] : (all ?? [])));
}

function clipped(value: number, limit: number): number {
  return Math.fround(Math.min(limit, Math.max(-limit, value)));
}

function scaleOf(limit: number, gradients: readonly Float32Array[]): number {
  let sum = 0;
  for (const g of gradients) for (let i = 0; i < g.length; i++) sum += g[i] * g[i];
  return limit / Math.max(Math.sqrt(sum), limit);
}
