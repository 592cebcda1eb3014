// A helping thread of the training kernels: waits for programs in shared memory and works on them until told to stop.
import { parentPort, workerData } from 'node:worker_threads';
import { type HelperData, instantiateKernels } from './machine';

const FAILED_WORD = 24;

const { module, memory, control, thread } = workerData as HelperData;
const kernels = instantiateKernels(module, memory);
parentPort?.postMessage('ready');
try {
  kernels.help(control, thread);
} catch (e) {
  // The others wait for this thread's chunk: tell them that it will not come.
  Atomics.store(new Int32Array(memory.buffer), (control + FAILED_WORD) >>> 2, 1);
  throw e;
}
