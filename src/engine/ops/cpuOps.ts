import * as tfc from '@tensorflow/tfjs-core';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { dropMask } from '../noise';
import { OP, type ConvolutionOp, type CrossEntropyOp, type DropMaskOp, type HostOp, type NormaliseOp } from './opNames';

type Info = tfc.TensorInfo;
type Inputs = Record<string, Info>;

/** Our operations in plain JavaScript, in double precision: the reference for the WebAssembly kernels, and the last resort. */
export function registerCpuOps(): void {
  register(OP.convolution, (cpu, { x, filter, bias }, attrs) => {
    const { isRelu, ...how } = attrs as ConvolutionOp;
    const attributes = { ...how, dataFormat: 'NHWC', activation: isRelu ? 'relu' : 'linear' };
    return call(cpu, tfc.FusedConv2D, bias ? { x, filter, bias } : { x, filter }, attributes);
  });
  register(OP.dense, (cpu, { x, kernel, bias }, attrs) => {
    const { isRelu } = attrs as { isRelu: boolean };
    const attributes = { transposeA: false, transposeB: false, activation: isRelu ? 'relu' : 'linear' };
    return call(cpu, tfc._FusedMatMul, bias ? { a: x, b: kernel, bias } : { a: x, b: kernel }, attributes);
  });
  register(OP.activationGrad, (cpu, { dy, y }, attrs) => {
    const { name, alpha } = attrs as { name: string; alpha?: number };
    const [d, v] = [values(cpu, dy), values(cpu, y)];
    const slope = slopes[name];
    return make(
      cpu,
      dy.shape,
      d.map((g, i) => g * slope(v[i], alpha ?? 0)),
    );
  });
  register(OP.normalise, normalise);
  register(OP.normaliseGrad, normaliseGrad);
  register(OP.dropMask, (cpu, _inputs, attrs) => {
    const { shape, rate, scale, low, high } = attrs as DropMaskOp;
    return make(cpu, shape, dropMask({ low, high }, tfc.util.sizeFromShape(shape), rate, scale));
  });
  register(OP.crossEntropy, crossEntropy);
  // TF.js's own mixes up images from the second of a batch on.
  tfc.unregisterKernel(tfc.ResizeNearestNeighborGrad, 'cpu');
  register(tfc.ResizeNearestNeighborGrad, nearestGrad);
  register(OP.host, (cpu, inputs, attrs) => {
    const { shape, run } = attrs as HostOp;
    const out = new Float32Array(tfc.util.sizeFromShape(shape));
    run((inputs.x as Info | undefined) ? values(cpu, inputs.x) : null, out);
    return make(cpu, shape, out);
  });
}

// Klambauer et al. 2017.
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const slopes: Record<string, (v: number, alpha: number) => number> = {
  relu: (y) => (y > 0 ? 1 : 0),
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  elu: (y) => (y > 0 ? 1 : y + 1),
  selu: (y) => (y > 0 ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA),
  relu6: (x) => (x > 0 && x <= 6 ? 1 : 0),
  leakyRelu: (x, alpha) => (x > 0 ? 1 : alpha),
};

function register(kernelName: string, run: (cpu: MathBackendCPU, inputs: Inputs, attrs: unknown) => Info | Info[]): void {
  tfc.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => run(backend as MathBackendCPU, inputs as Inputs, attrs),
  });
}

const values = (cpu: MathBackendCPU, t: Info): Float32Array => cpu.readSync(t.dataId) as Float32Array;
const make = (cpu: MathBackendCPU, shape: number[], v: Float32Array): Info => cpu.makeTensorInfo(shape, 'float32', v);

function call(cpu: MathBackendCPU, name: string, inputs: Inputs, attrs: object): Info {
  const kernel = tfc.getKernel(name, 'cpu');
  if (!kernel) throw new Error(`TensorFlow.js has no kernel ${name}`);
  return kernel.kernelFunc({ inputs: inputs as tfc.NamedTensorInfoMap, attrs: attrs as tfc.NamedAttrMap, backend: cpu }) as Info;
}

function normalise(cpu: MathBackendCPU, { x, gamma, beta, movingMean, movingVariance }: Inputs, attrs: unknown): Info[] {
  const { epsilon, momentum, isRelu } = attrs as NormaliseOp;
  const v = values(cpu, x);
  const c = x.shape[x.shape.length - 1];
  const rows = v.length / c;
  const [y, mean, variance, scale] = [new Float32Array(v.length), new Float32Array(c), new Float32Array(c), new Float32Array(c)];
  const [g, b] = [gamma && values(cpu, gamma), beta && values(cpu, beta)];
  for (let k = 0; k < c; k++) {
    let sum = 0;
    for (let i = k; i < v.length; i += c) sum += v[i];
    const m = sum / rows;
    let squares = 0;
    for (let i = k; i < v.length; i += c) squares += (v[i] - m) ** 2;
    const factor = (g ? g[k] : 1) / Math.sqrt(squares / rows + epsilon);
    const shift = (b ? b[k] : 0) - m * factor;
    for (let i = k; i < v.length; i += c) y[i] = isRelu ? Math.max(0, v[i] * factor + shift) : v[i] * factor + shift;
    mean[k] = m;
    variance[k] = squares / rows;
    scale[k] = factor;
  }
  for (const [moving, now] of [
    [movingMean, mean],
    [movingVariance, variance],
  ] as const) {
    const m = values(cpu, moving);
    for (let k = 0; k < c; k++) m[k] = m[k] * momentum + now[k] * (1 - momentum);
  }
  return [make(cpu, x.shape, y), make(cpu, [c], mean), make(cpu, [c], variance), make(cpu, [c], scale)];
}

function normaliseGrad(cpu: MathBackendCPU, { dy, x, y, mean, variance, scale }: Inputs, attrs: unknown): Info[] {
  const { epsilon, isRelu } = attrs as NormaliseOp;
  const [v, out, m, s] = [values(cpu, x), values(cpu, y), values(cpu, mean), values(cpu, variance)];
  const factor = values(cpu, scale);
  const g = values(cpu, dy).map((d, i) => (isRelu && out[i] <= 0 ? 0 : d));
  const c = m.length;
  const rows = v.length / c;
  const [dx, dGamma, dBeta] = [new Float32Array(v.length), new Float32Array(c), new Float32Array(c)];
  for (let k = 0; k < c; k++) {
    const inverse = 1 / Math.sqrt(s[k] + epsilon);
    let [sum, dot] = [0, 0];
    for (let i = k; i < v.length; i += c) {
      sum += g[i];
      dot += g[i] * (v[i] - m[k]) * inverse;
    }
    for (let i = k; i < v.length; i += c) dx[i] = factor[k] * (g[i] - sum / rows - ((v[i] - m[k]) * inverse * dot) / rows);
    dGamma[k] = dot;
    dBeta[k] = sum;
  }
  return [make(cpu, x.shape, dx), make(cpu, [c], dGamma), make(cpu, [c], dBeta)];
}

/** The gradient of enlarging by nearest neighbours: every pixel of dy goes back to the one it was copied from. */
function nearestGrad(cpu: MathBackendCPU, { images, dy }: Inputs, attrs: unknown): Info {
  const { alignCorners, halfPixelCenters } = attrs as { alignCorners: boolean; halfPixelCenters: boolean };
  const [n, h, w, c] = images.shape;
  const [, height, width] = dy.shape;
  const source = (at: number, size: number, from: number): number => {
    const isAligned = alignCorners && size > 1;
    const place = ((isAligned ? from - 1 : from) / (isAligned ? size - 1 : size)) * (halfPixelCenters ? at + 0.5 : at);
    return Math.max(0, Math.min(from - 1, alignCorners ? Math.round(place) : Math.floor(place)));
  };
  const g = values(cpu, dy);
  const dx = new Float32Array(n * h * w * c);
  for (let i = 0; i < n * height; i++)
    for (let column = 0; column < width; column++) {
      const row = Math.floor(i / height) * h + source(i % height, height, h);
      const to = (row * w + source(column, width, w)) * c;
      const from = (i * width + column) * c;
      for (let k = 0; k < c; k++) dx[to + k] += g[from + k];
    }
  return make(cpu, images.shape, dx);
}

function crossEntropy(cpu: MathBackendCPU, { target, logits }: Inputs, attrs: unknown): Info[] {
  const { kind } = attrs as CrossEntropyOp;
  const [t, z] = [values(cpu, target), values(cpu, logits)];
  const [rows, c] = logits.shape;
  const gradient = new Float32Array(z.length);
  let loss = 0;
  for (let i = 0; i < z.length; i += c) {
    const row = z.subarray(i, i + c);
    if (kind === 'sigmoid') {
      row.forEach((x, k) => {
        loss += (Math.max(x, 0) - x * t[i + k] + Math.log1p(Math.exp(-Math.abs(x)))) / c;
        gradient[i + k] = (1 / (1 + Math.exp(-x)) - t[i + k]) / (c * rows);
      });
      continue;
    }
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = row.reduce((a, x) => a + Math.exp(x - top), 0);
    const weight = t.subarray(i, i + c).reduce((a, b) => a + b, 0);
    row.forEach((x, k) => {
      loss += t[i + k] * (Math.log(sum) - (x - top));
      gradient[i + k] = ((weight * Math.exp(x - top)) / sum - t[i + k]) / rows;
    });
  }
  return [make(cpu, [], new Float32Array([loss / rows])), make(cpu, logits.shape, gradient)];
}
