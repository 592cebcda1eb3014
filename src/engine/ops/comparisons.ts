import * as tfc from '@tensorflow/tfjs-core';

/** 1 where x is above the limit, else 0: a comparison in floats, which a plan can hold. */
export function isAbove(x: tfc.Tensor, limit: number | tfc.Tensor): tfc.Tensor {
  return tfc.step(tfc.sub(x, limit));
}

/** 1 where x is at most the limit, else 0. */
export function isAtMost(x: tfc.Tensor, limit: number | tfc.Tensor): tfc.Tensor {
  return tfc.sub(1, isAbove(x, limit));
}

/** The gradient of an operand that was repeated to the shape of the output. */
function summedTo(gradient: tfc.Tensor, shape: number[]): tfc.Tensor {
  const axes = tfc.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tfc.reshape(axes.length > 0 ? tfc.sum(gradient, axes) : gradient, shape);
}

/**
 * Replaces TF.js's gradients of what compares values by ones without truth values: the same numbers, in kernels that a plan can hold. Those
 * of maximum and minimum also take operands that were repeated.
 */
export function registerComparisonGradients(): void {
  const replace = (config: tfc.GradConfig): void => {
    tfc.unregisterGradient(config.kernelName);
    tfc.registerGradient(config);
  };
  for (const kernelName of [tfc.Maximum, tfc.Minimum])
    replace({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => {
        // Where both are equal the first one has the gradient.
        const isSecond = (): tfc.Tensor => (kernelName === tfc.Maximum ? isAbove(b, a) : isAbove(a, b));
        return {
          a: () => summedTo(tfc.mul(dy as tfc.Tensor, tfc.sub(1, isSecond())), a.shape),
          b: () => summedTo(tfc.mul(dy as tfc.Tensor, isSecond()), b.shape),
        };
      },
    });
  replace({
    kernelName: tfc.ClipByValue,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { clipValueMin, clipValueMax } = attrs as unknown as { clipValueMin: number; clipValueMax: number };
      const isInside = (): tfc.Tensor => tfc.mul(isAtMost(x, clipValueMax), isAtMost(tfc.neg(x), -clipValueMin));
      return { x: () => tfc.mul(dy as tfc.Tensor, isInside()) };
    },
  });
  replace({
    kernelName: tfc.Max,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => {
      const axes = tfc.util.parseAxisParam((attrs as unknown as { reductionIndices: number | number[] }).reductionIndices, x.shape);
      const shape = tfc.backend_util.expandShapeToKeepDim(tfc.backend_util.computeOutAndReduceShapes(x.shape, axes)[0], axes);
      // All of several equal maxima have it, as in TF.js.
      return { x: () => tfc.mul(tfc.reshape(dy as tfc.Tensor, shape), tfc.sub(1, isAbove(tfc.reshape(y, shape), x))) };
    },
  });
}
