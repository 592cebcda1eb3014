// What the live view costs: steps with 30 frames a second captured and encoded, against steps without, in turns. CPU time of all threads
// is compared, round by round, so that what else the machine does weighs little; wall time stands beside it.
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
  console.log(['model', 'off, CPU ms', 'on, CPU ms', 'cost', 'quartiles', 'by the clock', 'frames/s'].map((t) => t.padStart(14)).join(''));
  for (const model of models.split(',')) {
    const ready = await networkFrom(fs.readFileSync(path.join(__dirname, 'models', `${model}.py`), 'utf8'));
    const step = new TrainStep(ready.network, ready.optimizer);
    const batch = randomBatch(ready, Number(batchSize));
    step.prepare(batch.count, batch.inputs.length / batch.count);
    const usual = usualParameters(ready.network.built.parameters);
    let iteration = 0;
    let frames = 0;
    /** Mean milliseconds of a step over a round, of CPU time and by the clock. */
    const round = (isLive: boolean): { cpu: number; wall: number } => {
      const started = performance.now();
      const before = process.cpuUsage();
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
      const { user, system } = process.cpuUsage(before);
      return { cpu: (user + system) / 1000 / count, wall: (performance.now() - started) / count };
    };
    round(true);
    frames = 0;
    const rounds = Math.max(3, Math.round((Number(seconds) * 1000) / ROUND_MS / 2));
    const off: ReturnType<typeof round>[] = [];
    const on: ReturnType<typeof round>[] = [];
    // Which one goes first takes turns, too.
    for (let i = 0; i < rounds; i++) for (const isLive of i % 2 ? [true, false] : [false, true]) (isLive ? on : off).push(round(isLive));
    const median = (v: number[]): number => [...v].sort((p, q) => p - q)[v.length >> 1];
    const costs = (key: 'cpu' | 'wall'): number[] => off.map((o, i) => (100 * (on[i][key] - o[key])) / o[key]);
    const spread = costs('cpu').sort((p, q) => p - q);
    const quarter = (share: number): string => spread[Math.floor(share * (spread.length - 1))].toFixed(1);
    const cells = [
      model,
      median(off.map((o) => o.cpu)).toFixed(2),
      median(on.map((o) => o.cpu)).toFixed(2),
      `${median(costs('cpu')).toFixed(1)} %`,
      `${quarter(0.25)} to ${quarter(0.75)}`,
      `${median(costs('wall')).toFixed(1)} %`,
      ((1000 * frames) / rounds / ROUND_MS).toFixed(0),
    ];
    console.log(cells.map((t) => t.padStart(14)).join(''));
    step.dispose();
  }
  process.exit(0);
}
void main();
