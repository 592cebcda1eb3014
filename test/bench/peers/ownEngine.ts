import * as tfc from '@tensorflow/tfjs-core';
import { startBackend } from '../../../src/engine/backend';
import { TrainStep } from '../../../src/engine/trainStep';
import type { Answer, Job } from '../job';
import { networkFrom, randomBatch } from '../networkFrom';
import { medianStep, serveJobs } from '../serveJobs';

async function measure({ source, batch: count, seconds }: Job): Promise<Answer> {
  const ready = await networkFrom(source);
  const step = new TrainStep(ready.network, ready.optimizer);
  const batch = randomBatch(ready, count);
  const reason = step.prepare(count, batch.inputs.length / count);
  let iteration = 0;
  const ms = await medianStep(seconds, 4, () => step.run(batch, 0.001, ++iteration, () => 'nothing'));
  step.dispose();
  tfc.disposeVariables();
  return { ms, note: reason ? `call by call: ${reason}` : undefined };
}

void startBackend('wasm').then(({ name }) => serveJobs(`Kernelscope, ${name}`, measure));
