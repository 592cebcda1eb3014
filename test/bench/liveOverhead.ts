// What the live view costs: steps with 30 frames a second captured and encoded, against steps without, in turns.
// node --import tsx test/bench/liveOverhead.ts [MODELS] [BATCH] [SECONDS]
import * as fs from 'node:fs';
import * as path from 'node:path';
import { startBackend } from '../../src/engine/backend';
import { stepFrame, usualParameters } from '../../src/engine/frames';
import { TrainStep } from '../../src/engine/trainStep';
import { networkFrom, randomBatch } from './networkFrom';

const FRAMES_PER_SECOND = 30;
const ROUND_MS = 500;

async function main(): Promise<void> {
  const [models = 'a,b,c', batchSize = '32', seconds = '10'] = process.argv.slice(2);
  await startBackend('wasm');
  console.log(['model', 'off, ms', 'on, ms', 'cost', 'frames/s'].map((t) => t.padStart(10)).join(''));
  for (const model of models.split(',')) {
    const ready = await networkFrom(fs.readFileSync(path.join(__dirname, 'models', `${model}.py`), 'utf8'));
    const step = new TrainStep(ready.network, ready.optimizer);
    const batch = randomBatch(ready, Number(batchSize));
    step.prepare(batch.count, batch.inputs.length / batch.count);
    const usual = usualParameters(ready.network.built.parameters);
    let iteration = 0;
    let frames = 0;
    /** Mean milliseconds of a step over a round. */
    const round = (isLive: boolean): number => {
      const started = performance.now();
      let [count, last] = [0, -Infinity];
      while (performance.now() - started < ROUND_MS) {
        const isDue = isLive && performance.now() - last >= 1000 / FRAMES_PER_SECOND;
        const result = step.run(batch, 0.001, ++iteration, (p) => (isDue && usual.has(p) ? 'values' : 'nothing'));
        count++;
        if (!isDue) continue;
        last = performance.now();
        frames++;
        stepFrame(
          { step: iteration, epoch: 0, loss: result.loss, learningRate: 0.001 },
          result.steps,
          new Set(),
          ready.optimizer.rule.slots,
        );
      }
      return (performance.now() - started) / count;
    };
    round(true);
    frames = 0;
    const times: Record<'on' | 'off', number[]> = { on: [], off: [] };
    const rounds = Math.max(3, Math.round((Number(seconds) * 1000) / ROUND_MS / 2));
    for (let i = 0; i < rounds; i++) {
      times.off.push(round(false));
      times.on.push(round(true));
    }
    const median = (v: number[]): number => v.sort((a, b) => a - b)[v.length >> 1];
    const [off, on] = [median(times.off), median(times.on)];
    const cost = `${((100 * (on - off)) / off).toFixed(1)} %`;
    console.log(
      [model, off.toFixed(2), on.toFixed(2), cost, ((1000 * frames) / rounds / ROUND_MS).toFixed(0)].map((t) => t.padStart(10)).join(''),
    );
    step.dispose();
  }
  process.exit(0);
}
void main();
