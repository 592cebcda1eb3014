// Prints heap, WebAssembly memory and RSS every 1,000 steps, and what the engine holds beside what a step needs at least:
// node --import tsx test/bench/memory.ts [MODEL] [BATCH] [STEPS]
import * as fs from 'node:fs';
import * as path from 'node:path';
import { startBackend } from '../../src/engine/backend';
import { kernelContext } from '../../src/engine/kernels/kernels';
import { neededBytes } from '../../src/engine/memoryEstimate';
import { TrainStep } from '../../src/engine/trainStep';
import { networkFrom, randomBatch } from './networkFrom';

async function main(): Promise<void> {
  const [model = 'a', batchSize = '32', steps = '10000'] = process.argv.slice(2);
  await startBackend('wasm');
  const ready = await networkFrom(fs.readFileSync(path.join(__dirname, 'models', `${model}.py`), 'utf8'));
  const step = new TrainStep(ready.network, ready.optimizer);
  const batch = randomBatch(ready, Number(batchSize));
  const reason = step.prepare(batch.count, batch.inputs.length / batch.count);
  const parts = neededBytes(ready.spec, batch.count, ready.optimizer.rule.slots.length);
  const needed = parts.weights + parts.slots + parts.outputs;
  // Weights and slots lie beside the plan; gradients, outputs and everything in between within it.
  const held = parts.weights + parts.slots + step.planBytes;
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  console.log(
    `needed: weights ${mb(parts.weights)}, optimizer ${mb(parts.slots)}, outputs of layers ${mb(parts.outputs)}: ${mb(needed)} MB`,
  );
  console.log(reason ?? `held: with a plan of ${mb(step.planBytes)} ${mb(held)} MB, ${(held / needed).toFixed(2)} times that`);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`.padStart(12);
  console.log('step'.padStart(8), ...['heap', 'WebAssembly', 'RSS'].map((t) => t.padStart(12)));
  for (let i = 1; i <= Number(steps); i++) {
    // Every tenth step is captured, as for the views.
    step.run(batch, 0.0001, i, (p) => (i % 10 === 0 && p.size < 65_536 ? 'values' : 'nothing'));
    if (i % 1000 !== 0 && i !== 10) continue;
    const { heapUsed, rss } = process.memoryUsage();
    console.log(String(i).padStart(8), ...[heapUsed, kernelContext()!.machine.float32().byteLength, rss].map(megabytes));
  }
  process.exit(0);
}
void main();
