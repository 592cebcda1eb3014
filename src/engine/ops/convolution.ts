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
      const isSpread = tfc.getBackend() !== 'wasm' && dilations.some((d) => d > 1);
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

/** The filter with zeros between its rows and columns: TF.js's own kernels know no dilation in gradients. */
function spreadFilter(filter: tfc.Tensor4D, dilations: [number, number]): tfc.Tensor4D {
  const [kh, kw, cin, cout] = filter.shape;
  const [dh, dw] = dilations;
  return tfc.tidy(() => {
    const columns = tfc.pad(tfc.reshape(filter, [kh, kw, 1, cin * cout]), [
      [0, 0],
      [0, 0],
      [0, dw - 1],
      [0, 0],
    ]);
    const rows = tfc.pad(tfc.reshape(columns, [kh, 1, kw * dw, cin * cout]), [
      [0, 0],
      [0, dh - 1],
      [0, 0],
      [0, 0],
    ]);
    const spread = tfc.reshape(rows, [kh * dh, kw * dw, cin, cout]) as tfc.Tensor4D;
    return tfc.slice(spread, [0, 0, 0, 0], spreadShape(filter.shape, dilations));
  });
}
