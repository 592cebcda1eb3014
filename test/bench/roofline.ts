// GFLOP/s of every kernel that counts, against the peak of the machine's 128-bit units: node --import tsx test/bench/roofline.ts [THREADS]
// Convolutions are counted as direct ones, so that Winograd's algorithm may exceed the peak. The fastest call counts.
import * as tfc from '@tensorflow/tfjs-core';
import { startBackend } from '../../src/engine/backend';
import { JOB } from '../../src/engine/kernels/jobs';
import { kernelContext } from '../../src/engine/kernels/kernels';
import { OP } from '../../src/engine/ops/opNames';
import { simdPeak } from './simdPeak';

/** How long each operation is repeated. Calls are short, so that some of them have a busy machine to themselves. */
const MILLISECONDS = 800;
const IMAGES = 4;
const jobNames = new Map<number, string>(Object.entries(JOB).map(([name, job]) => [job, name]));

async function main(): Promise<void> {
  const threads = Number(process.argv[2] ?? 1);
  process.env.KERNELSCOPE_THREADS = String(threads);
  await startBackend('wasm');
  const { machine } = kernelContext()!;
  const peak = (await simdPeak(machine.arithmetic === 'fused')) * machine.threads;
  console.log(
    `peak of ${machine.threads} threads: ${peak.toFixed(1)} GFLOP/s (${machine.arithmetic} arithmetic, registers only, measured on one)`,
  );
  /** Prints how fast the jobs of an operation of `flops` are, taken together and each for itself. */
  const report = (name: string, flops: number, run: () => void): void => {
    const best = new Map<number, number>();
    const end = performance.now() + MILLISECONDS;
    while (performance.now() < end) {
      machine.onMeasure = ({ job }, ms) => void best.set(job, Math.min(best.get(job) ?? Infinity, ms));
      tfc.tidy(run);
    }
    machine.onMeasure = undefined;
    const total = [...best.values()].reduce((a, b) => a + b, 0);
    const parts = [...best].map(([job, ms]) => `${jobNames.get(job)} ${ms.toFixed(2)} ms`).join(', ');
    const rate = flops / total / 1e6;
    console.log(`${name.padEnd(34)} ${rate.toFixed(1).padStart(7)} GFLOP/s ${((100 * rate) / peak).toFixed(0).padStart(4)} %   ${parts}`);
  };
  const random = (...shape: number[]): tfc.Tensor => tfc.randomUniform(shape, -1, 1);
  for (const [m, k, n] of [
    [512, 512, 512],
    [32, 1600, 128],
    [128, 6272, 128],
  ]) {
    const [a, b] = [random(m, k), random(k, n)];
    report(`product ${m}×${k} by ${k}×${n}`, 2 * m * k * n, () => tfc.matMul(a, b));
  }
  for (const [size, cin, cout, window, stride] of [
    [28, 1, 32, 3, 1],
    [64, 3, 32, 3, 1],
    [32, 32, 32, 3, 1],
    [16, 64, 64, 3, 1],
    [16, 64, 64, 1, 1],
    [32, 3, 32, 5, 1],
    [32, 32, 32, 3, 2],
  ]) {
    const [n, out] = [IMAGES, Math.ceil(size / stride)];
    const [x, filter, dy] = [random(n, size, size, cin), random(window, window, cin, cout), random(n, out, out, cout)];
    const flops = 2 * n * out * out * window * window * cin * cout;
    const how = { strides: stride, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
    const call = (kernel: string, inputs: tfc.NamedTensorMap, more: object): void =>
      void tfc.engine().runKernel(kernel, inputs, { ...how, ...more } as tfc.NamedAttrMap);
    const name = `${window}×${window}, ${cin} -> ${cout}, ${size}²${stride > 1 ? ` / ${stride}` : ''}`;
    report(`convolution ${name}`, flops, () => call(tfc.Conv2D, { x, filter }, {}));
    report('  gradient of the input', flops, () => call(tfc.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape }));
    report('  gradient of the filter', flops, () => call(tfc.Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape }));
    if (stride > 1 || cout % 4 !== 0) continue;
    // Under max pooling: what the plan computes, without the pooling's own gradient, which nobody reads there.
    const y = tfc.relu(tfc.conv2d(x as tfc.Tensor4D, filter as tfc.Tensor4D, 1, 'same'));
    const maxima = tfc.maxPool(y as tfc.Tensor4D, 2, 2, 'valid');
    const g = random(...maxima.shape);
    const underPooling = (use: (dz: tfc.Tensor) => void): void => {
      const { onMeasure } = machine;
      machine.onMeasure = undefined;
      const pool = { filterSize: 2, strides: 2, pad: 'valid' };
      const dy = tfc.engine().runKernel(tfc.MaxPoolGrad, { dy: g, input: y, output: maxima }, pool) as tfc.Tensor;
      const dz = tfc.engine().runKernel(OP.activationGrad, { dy, y }, { name: 'relu' }) as tfc.Tensor;
      machine.onMeasure = onMeasure;
      use(dz);
    };
    report('  … of the filter, pooled', flops, () =>
      underPooling((dz) => call(tfc.Conv2DBackpropFilter, { x, dy: dz }, { filterShape: filter.shape })),
    );
    if ((window * cin) % 4 === 0)
      report('  … of the input, pooled', flops, () =>
        underPooling((dz) => call(tfc.Conv2DBackpropInput, { dy: dz, filter }, { inputShape: x.shape })),
      );
  }
  process.exit(0);
}
void main();
