import { registerActivationGradients } from './activation';
import { registerComparisonGradients } from './comparisons';
import { registerConvolutionGradient } from './convolution';
import { registerCpuOps } from './cpuOps';
import { registerCrossEntropyGradient } from './crossEntropy';
import { registerDenseGradient } from './dense';
import { registerHostGradient } from './host';
import { registerMark } from './mark';
import { registerNormaliseGradient } from './normalise';

/** Registers our operations' gradients, and their kernels for the CPU backend. */
export function registerOps(): void {
  registerCpuOps();
  registerMark();
  registerHostGradient();
  registerActivationGradients();
  registerComparisonGradients();
  registerConvolutionGradient();
  registerDenseGradient();
  registerNormaliseGradient();
  registerCrossEntropyGradient();
}
