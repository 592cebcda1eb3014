import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { OP, type ConvolutionOp, type CrossEntropyOp, type DropMaskOp, type HostOp, type NormaliseOp } from '../ops/opNames';
import { filterGradient, type FilterGradientAttributes } from './filterGradient';
import { columnSums, runGpuKernel } from './wgsl';

type Info = tfc.TensorInfo;
type Inputs = Record<string, Info>;

/** Registers our operations for the GPU; `ops/cpuOps.ts` says what they mean. */
export function registerGpuOps(): void {
  register(OP.convolution, (gpu, { x, filter, bias }, attrs) => {
    const { isRelu, ...how } = attrs as ConvolutionOp;
    const attributes = { ...how, dataFormat: 'NHWC', activation: isRelu ? 'relu' : 'linear' };
    return call(gpu, tfc.FusedConv2D, bias ? { x, filter, bias } : { x, filter }, attributes);
  });
  register(OP.dense, (gpu, { x, kernel, bias }, attrs) => {
    const { isRelu } = attrs as { isRelu: boolean };
    const attributes = { transposeA: false, transposeB: false, activation: isRelu ? 'relu' : 'linear' };
    return call(gpu, tfc._FusedMatMul, bias ? { a: x, b: kernel, bias } : { a: x, b: kernel }, attributes);
  });
  register(OP.activationGrad, (gpu, { dy, y }, attrs) => {
    const { name, alpha = 0 } = attrs as { name: string; alpha?: number };
    const code = `let v = y[i]; result[i] = dy[i] * (${slopes[name]});`;
    return runGpuKernel(gpu, { inputs: { dy, y }, floats: { alpha }, code }, dy.shape);
  });
  register(OP.normalise, normalise);
  register(OP.normaliseGrad, normaliseGrad);
  register(OP.dropMask, (gpu, _inputs, attrs) => dropMask(gpu, attrs as DropMaskOp));
  register(OP.crossEntropy, (_gpu, { target, logits }, attrs) =>
    crossEntropy(target as tfc.Tensor2D, logits as tfc.Tensor2D, attrs as CrossEntropyOp),
  );
  tfc.unregisterKernel(tfc.Conv2DBackpropFilter, 'webgpu');
  register(tfc.Conv2DBackpropFilter, (gpu, { x, dy }, attrs) => filterGradient(gpu, x, dy, attrs as FilterGradientAttributes));
  register(OP.mark, (gpu, { x }) => {
    gpu.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
  register(OP.host, (gpu, { x }, attrs) => {
    if (x) throw new Error('images are changed at random before they come to the GPU');
    const { shape, run } = attrs as HostOp;
    const out = new Float32Array(tfc.util.sizeFromShape(shape));
    run(null, out);
    return gpu.makeTensorInfo(shape, 'float32', out);
  });
}

const slopes: Record<string, string> = {
  relu: 'select(0.0, 1.0, v > 0.0)',
  sigmoid: 'v * (1.0 - v)',
  tanh: '1.0 - v * v',
  elu: 'select(v + 1.0, 1.0, v > 0.0)',
  // Klambauer et al. 2017.
  selu: 'select(v + 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805, v > 0.0)',
  relu6: 'select(0.0, 1.0, v > 0.0 && v <= 6.0)',
  leakyRelu: 'select(u.alpha, 1.0, v > 0.0)',
};

function register(kernelName: string, run: (gpu: WebGPUBackend, inputs: Inputs, attrs: unknown) => Info | Info[]): void {
  tfc.registerKernel({
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) => run(backend as WebGPUBackend, inputs as Inputs, attrs),
  });
}

function call(gpu: WebGPUBackend, name: string, inputs: Inputs, attrs: object): Info {
  const kernel = tfc.getKernel(name, 'webgpu');
  if (!kernel) throw new Error(`TensorFlow.js has no kernel ${name} for the GPU`);
  return kernel.kernelFunc({ inputs: inputs as tfc.NamedTensorInfoMap, attrs: attrs as tfc.NamedAttrMap, backend: gpu }) as Info;
}

function normalise(gpu: WebGPUBackend, { x, gamma, beta, movingMean, movingVariance }: Inputs, attrs: unknown): Info[] {
  const { epsilon, momentum, isRelu } = attrs as NormaliseOp;
  const c = x.shape[x.shape.length - 1];
  const rows = tfc.util.sizeFromShape(x.shape) / c;
  const mean = columnSums(gpu, { x }, 'x[i] / u.n', rows, c, { n: rows });
  const variance = columnSums(gpu, { x, mean }, '(x[i] - mean[k]) * (x[i] - mean[k]) / u.n', rows, c, { n: rows });
  const scale = runGpuKernel(
    gpu,
    {
      inputs: gamma ? { variance, gamma } : { variance },
      floats: { epsilon },
      code: `result[i] = ${gamma ? 'gamma[i]' : '1.0'} / sqrt(variance[i] + u.epsilon);`,
    },
    [c],
  );
  const value = `(x[i] - mean[k]) * scale[k]${beta ? ' + beta[k]' : ''}`;
  const y = runGpuKernel(
    gpu,
    {
      inputs: { x, mean, scale, ...(beta && { beta }) },
      words: { columns: c },
      code: `let k = i % u.columns; result[i] = ${isRelu ? `max(0.0, ${value})` : value};`,
    },
    x.shape,
  );
  for (const [moving, now] of [
    [movingMean, mean],
    [movingVariance, variance],
  ])
    runGpuKernel(
      gpu,
      { inputs: { now }, floats: { momentum, rest: 1 - momentum }, code: 'result[i] = result[i] * u.momentum + now[i] * u.rest;' },
      moving,
    );
  return [y, mean, variance, scale];
}

function normaliseGrad(gpu: WebGPUBackend, { dy, x, y, mean, variance, scale }: Inputs, attrs: unknown): Info[] {
  const { epsilon, isRelu } = attrs as NormaliseOp;
  const c = mean.shape[0];
  const rows = tfc.util.sizeFromShape(x.shape) / c;
  const inputs: Inputs = isRelu ? { dy, y } : { dy };
  const g = isRelu ? 'select(dy[i], 0.0, y[i] <= 0.0)' : 'dy[i]';
  const normal = '(x[i] - mean[k]) / sqrt(variance[k] + u.epsilon)';
  const sums = columnSums(gpu, inputs, g, rows, c);
  const dots = columnSums(gpu, { ...inputs, x, mean, variance }, `${g} * ${normal}`, rows, c, { epsilon });
  // On its own: a kernel may read seven arrays.
  const slope = runGpuKernel(
    gpu,
    { inputs: { dots, variance }, floats: { epsilon, n: rows }, code: 'result[i] = dots[i] / u.n / sqrt(variance[i] + u.epsilon);' },
    [c],
  );
  const dx = runGpuKernel(
    gpu,
    {
      inputs: { ...inputs, x, mean, scale, sums, slope },
      floats: { n: rows },
      words: { columns: c },
      code: `let k = i % u.columns; result[i] = scale[k] * (${g} - sums[k] / u.n - (x[i] - mean[k]) * slope[k]);`,
    },
    x.shape,
  );
  gpu.disposeData(slope.dataId);
  return [dx, dots, sums];
}

/** `noise.ts`'s hash, bit by bit. */
function dropMask(gpu: WebGPUBackend, { shape, rate, scale, low, high }: DropMaskOp): Info {
  const threshold = Math.round(rate * 0x100000000);
  const code = `
    var h = i * 0x9e3779b9u + u.low;
    h = (h ^ (h >> 16u)) * 0x21f0aaadu;
    h = (h ^ (h >> 15u)) * 0x735a2d97u;
    h = h ^ (h >> 15u) ^ u.high;
    h = (h ^ (h >> 16u)) * 0x21f0aaadu;
    h = (h ^ (h >> 15u)) * 0x735a2d97u;
    result[i] = select(0.0, u.scale, (h ^ (h >> 15u)) >= u.threshold);`;
  const words = { low: low >>> 0, high: high >>> 0, threshold: Math.min(threshold, 0xffffffff) };
  return runGpuKernel(gpu, { floats: { scale }, words, code }, shape);
}

function crossEntropy(target: tfc.Tensor2D, logits: tfc.Tensor2D, { kind }: CrossEntropyOp): Info[] {
  const [rows, c] = logits.shape;
  return tfc.tidy(() => {
    const mean = (total: tfc.Tensor): tfc.Tensor => tfc.div(tfc.sum(total), kind === 'sigmoid' ? rows * c : rows);
    if (kind === 'sigmoid') {
      // max(z, 0) - z t + log(1 + exp(-|z|))
      const tail = tfc.log1p(tfc.exp(tfc.neg(tfc.abs(logits))));
      const gradient = tfc.div(tfc.sub(tfc.sigmoid(logits), target), rows * c);
      return [mean(tfc.add(tfc.sub(tfc.relu(logits), tfc.mul(logits, target)), tail)), gradient];
    }
    const shifted = tfc.sub(logits, tfc.max(logits, 1, true));
    const exponential = tfc.exp(shifted);
    const sum = tfc.sum(exponential, 1, true);
    const weight = tfc.sum(target, 1, true);
    const gradient = tfc.div(tfc.sub(tfc.mul(weight, tfc.div(exponential, sum)), target), rows);
    return [mean(tfc.mul(target, tfc.sub(tfc.log(sum), shifted))), gradient];
  });
}
