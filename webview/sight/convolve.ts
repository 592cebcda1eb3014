import type { ConvolutionDetail } from '../../src/common/probeProtocol';

/** One output of a convolution as the sum that it is. */
export interface OneOutput {
  /** In the input: where the kernel's first row and column lie; negative in the padding. */
  top: number;
  left: number;
  /** Extent of the kernel in the input, dilation included. */
  height: number;
  width: number;
  /** Per input channel the sum of its products. */
  channelSums: Float64Array;
  /** Sum of all products, and that plus the bias. */
  products: number;
  sum: number;
  /** Per row and column of the kernel, for one channel: input × weight. */
  terms(channel: number): { x: number; w: number }[];
}

/** The output at a position, from the layer's own input and kernel. */
export function oneOutput(detail: ConvolutionDetail, row: number, column: number): OneOutput {
  const { input, inputShape, kernel, kernelShape, strides, dilations, pad, bias } = detail;
  const [rows, columns, channels] = inputShape;
  const [kh, kw, cin] = kernelShape;
  // Grouped convolutions have kernels of fewer channels than their input; which ones is not told.
  const usable = Math.min(cin, channels);
  const [top, left] = [row * strides[0] - pad[0], column * strides[1] - pad[1]];
  const at = (ky: number, kx: number, c: number) => {
    const [y, x] = [top + ky * dilations[0], left + kx * dilations[1]];
    return y < 0 || x < 0 || y >= rows || x >= columns ? 0 : input[(y * columns + x) * channels + c];
  };
  const channelSums = new Float64Array(usable);
  for (let ky = 0; ky < kh; ky++)
    for (let kx = 0; kx < kw; kx++) for (let c = 0; c < usable; c++) channelSums[c] += at(ky, kx, c) * kernel[(ky * kw + kx) * cin + c];
  const products = channelSums.reduce((a, b) => a + b, 0);
  return {
    top,
    left,
    height: (kh - 1) * dilations[0] + 1,
    width: (kw - 1) * dilations[1] + 1,
    channelSums,
    products,
    sum: products + bias,
    terms: (channel) =>
      Array.from({ length: kh * kw }, (_, i) => {
        const [ky, kx] = [Math.floor(i / kw), i % kw];
        return { x: at(ky, kx, channel), w: kernel[(ky * kw + kx) * cin + channel] };
      }),
  };
}
