import * as tf from '@tensorflow/tfjs';
import { startWasmBackend } from '../../../src/engine/kernels/wasmBackend';
import { registerCpuFallbacks } from '../../../src/engine/kernels/cpuFallback';
import { readModelSource } from '../../../src/model/readModelSource';
import type { Answer, Job } from '../job';
import { medianStep, serveJobs } from '../serveJobs';

// TensorFlow.js as it comes: its own layers and kernels. On WebAssembly the gradient kernels that it lacks run on its CPU backend.
const backend = process.argv[2] === 'wasm' ? 'wasm' : 'cpu';

async function measure({ source, batch, seconds, loss, optimizer }: Job): Promise<Answer> {
  const { models } = await readModelSource({ path: 'model.py', text: source });
  const { topology } = models[0];
  const model = await tf.models.modelFromJSON({ modelTopology: topology } as unknown as Parameters<typeof tf.models.modelFromJSON>[0]);
  const optimizers = { Adam: () => tf.train.adam(), SGD: () => tf.train.momentum(0.01, 0.9), RMSprop: () => tf.train.rmsprop(0.001, 0.9) };
  model.compile({
    optimizer: optimizers[optimizer as keyof typeof optimizers](),
    loss: loss === 'mean_squared_error' ? 'meanSquaredError' : loss.replace(/_c/, 'C'),
  });
  const [shape] = models[0].inputShapes;
  const x = tf.randomUniform([batch, ...(shape.slice(1) as number[])]);
  const y = tf.randomUniform([batch, ...(model.outputShape as number[]).slice(1)]);
  const ms = await medianStep(seconds, 1, async () => {
    await model.trainOnBatch(x, y);
  });
  tf.disposeVariables();
  tf.dispose([x, y]);
  return { ms };
}

async function main(): Promise<void> {
  if (backend === 'wasm') registerCpuFallbacks((await startWasmBackend()).backend);
  else await tf.setBackend('cpu');
  serveJobs(`TensorFlow.js ${tf.version.tfjs}, ${backend}`, measure);
}
void main();
