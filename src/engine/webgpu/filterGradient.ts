import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { columnSums, runGpuKernel } from './wgsl';

/** Invocations that keep a large GPU busy. */
const INVOCATIONS = 1 << 18;

/** What TensorFlow.js says of a convolution whose filter's gradient is wanted; NHWC. */
export interface FilterGradientAttributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tfc.backend_util.ExplicitPadding;
  filterShape: [number, number, number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * dL/dK[a, b, c, f] = Σ x[n, i·s + a, j·s + b, c] · dy[n, i, j, f]. TensorFlow.js's kernel adds up all images and positions of a weight in
 * one invocation, and a first layer has few weights; here rows of dy are shared out to several, whose sums are then added, always in the
 * same order.
 * @param x [n, h, w, c]
 * @param dy [n, rows, columns, filters]
 */
export function filterGradient(
  gpu: WebGPUBackend,
  x: tfc.TensorInfo,
  dy: tfc.TensorInfo,
  { strides, pad, filterShape, dimRoundingMode }: FilterGradientAttributes,
): tfc.TensorInfo {
  const shape = x.shape as [number, number, number, number];
  const info = tfc.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
  const weights = tfc.util.sizeFromShape(filterShape);
  const rows = info.batchSize * info.outHeight;
  const parts = Math.max(1, Math.min(rows, Math.ceil(INVOCATIONS / weights)));
  const words = {
    weights,
    rows,
    parts,
    height: info.inHeight,
    width: info.inWidth,
    cin: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    cout: info.outChannels,
    kernelWidth: info.filterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
  // Neighbours are neighbouring filters: they read the same pixel, and neighbouring numbers of dy.
  const code = `
    let k = i % u.weights;
    let f = k % u.cout;
    let c = (k / u.cout) % u.cin;
    let b = (k / (u.cout * u.cin)) % u.kernelWidth;
    let a = k / (u.cout * u.cin * u.kernelWidth);
    var sum = 0.0;
    for (var row = i / u.weights; row < u.rows; row += u.parts) {
      let y = i32((row % u.outHeight) * u.strideY + a) - i32(u.top);
      if (y >= 0 && y < i32(u.height)) {
        let line = ((row / u.outHeight) * u.height + u32(y)) * u.width;
        for (var column = 0u; column < u.outWidth; column++) {
          let z = i32(column * u.strideX + b) - i32(u.left);
          if (z >= 0 && z < i32(u.width)) {
            sum += x[(line + u32(z)) * u.cin + c] * dy[(row * u.outWidth + column) * u.cout + f];
          }
        }
      }
    }
    result[i] = sum;`;
  const sums = runGpuKernel(gpu, { inputs: { x, dy }, words, code }, parts === 1 ? filterShape : [parts, weights]);
  if (parts === 1) return sums;
  const all = columnSums(gpu, { x: sums }, 'x[i]', parts, weights);
  gpu.disposeData(sums.dataId);
  return { ...all, shape: filterShape };
}
