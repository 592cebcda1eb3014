import * as tfc from '@tensorflow/tfjs-core';
import { OP, type ConvolutionOp } from './opNames';
import { runKernel } from './run';

/** y = relu(x ∗ filter + bias), images [n, h, w, c]. Also differentiable when dilated, which TF.js's own is not. */
export function convolution(x: tfc.Tensor4D, filter: tfc.Tensor4D, bias: tfc.Tensor | undefined, how: ConvolutionOp): tfc.Tensor4D {
  return runKernel(OP.convolution, { x, filter, bias }, how) as tfc.Tensor4D;
}

/** Tells TF.js how to differentiate it. */
export function registerConvolutionGradient(): void {
  tfc.registerGradient({
    kernelName: OP.convolution,
    inputsToSave: ['x', 'filter'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter, y] = saved as [tfc.Tensor4D, tfc.Tensor4D, tfc.Tensor4D];
      const { strides, pad, dilations, isRelu } = attrs as unknown as ConvolutionOp;
      const dz = isRelu ? runKernel(OP.activationGrad, { dy: dy as tfc.Tensor, y }, { name: 'relu' }) : (dy as tfc.Tensor);
      const isSpread = tfc.getBackend() === 'cpu' && dilations.some((d) => d > 1);
      const attributes = { strides, pad, dataFormat: 'NHWC', dilations: isSpread ? [1, 1] : dilations };
      return {
        x: () => {
          const f = isSpread ? spreadFilter(filter, dilations) : filter;
          return runKernel(tfc.Conv2DBackpropInput, { dy: dz, filter: f }, { ...attributes, inputShape: x.shape });
        },
        filter: () => {
          const shape = isSpread ? spreadShape(filter.shape, dilations) : filter.shape;
          const dw = runKernel(tfc.Conv2DBackpropFilter, { x, dy: dz }, { ...attributes, filterShape: shape });
          return isSpread ? tfc.stridedSlice(dw, [0, 0, 0, 0], shape, [...dilations, 1, 1]) : dw;
        },
        bias: () => tfc.sum(dz, [0, 1, 2]),
      };
    },
  });
}

const spreadShape = (shape: number[], [dh, dw]: [number, number]): [number, number, number, number] => [
  (shape[0] - 1) * dh + 1,
  (shape[1] - 1) * dw + 1,
  shape[2],
  shape[3],
];

/** The filter with zeros between its rows and columns: TF.js's CPU kernels know no dilation in gradients. */
function spreadFilter(filter: tfc.Tensor4D, dilations: [number, number]): tfc.Tensor4D {
  const [kh, kw, cin, cout] = filter.shape;
  const [dh, dw] = dilations;
  const values = filter.dataSync();
  const shape = spreadShape(filter.shape, dilations);
  const out = new Float32Array(tfc.util.sizeFromShape(shape));
  const block = cin * cout;
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++)
      out.set(values.subarray((i * kw + j) * block, (i * kw + j + 1) * block), (i * dh * shape[1] + j * dw) * block);
  return tfc.tensor4d(out, shape);
}
