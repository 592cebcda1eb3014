import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { runGpuKernel } from './wgsl';

/** Values that one invocation looks at, at most so many invocations at once. */
const RUN = 128;
const MAX_PARTS = 4096;
const partsOf = (n: number): number => Math.min(MAX_PARTS, Math.ceil(n / RUN));

/** Per gradient: whether all its values are finite, and the sum of their squares, which clipping needs. */
export interface GradientSize {
  isFinite: boolean;
  squares: number;
}

/** Measures gradients in one small tensor, which is read with the step's loss. */
export class GradientCheck {
  /** Two numbers per part: values that are not finite, sum of squares. */
  readonly results: tfc.Tensor1D;
  private readonly from: number[] = [];

  /** @param sizes values per gradient, 0 where there is none */
  constructor(private readonly sizes: readonly number[]) {
    let parts = 0;
    for (const size of sizes) {
      this.from.push(parts);
      parts += partsOf(size);
    }
    this.results = tfc.keep(tfc.zeros([Math.max(1, 2 * parts)]));
  }

  run(backend: WebGPUBackend, gradients: readonly (tfc.Tensor | null)[]): void {
    gradients.forEach((g, index) => {
      if (!g) return;
      const parts = partsOf(g.size);
      runGpuKernel(
        backend,
        {
          inputs: { g },
          words: { size: g.size, parts, first: this.from[index] },
          count: parts,
          // By its bits: WGSL allows compilers to take it that no number is infinite or NaN.
          code: `
            var odd = 0.0;
            var squares = 0.0;
            for (var at = i; at < u.size; at += u.parts) {
              let v = g[at];
              if ((bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) { odd += 1.0; }
              squares += v * v;
            }
            result[2u * (u.first + i)] = odd;
            result[2u * (u.first + i) + 1u] = squares;`,
        },
        this.results,
      );
    });
  }

  /** @param results what {@link results} held */
  sizesOf(results: Float32Array): GradientSize[] {
    return this.sizes.map((size, index) => {
      let [odd, squares] = [0, 0];
      for (let part = this.from[index]; part < this.from[index] + partsOf(size); part++) {
        odd += results[2 * part];
        squares += results[2 * part + 1];
      }
      return { isFinite: odd === 0, squares };
    });
  }

  dispose(): void {
    this.results.dispose();
  }
}
