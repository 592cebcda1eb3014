// What the live view costs: steps whose frame is captured and encoded beside steps whose is not, in turns. What a frame adds, 30 times
// a second, is the cost. CPU time of all threads and wall time are compared pair by pair, so that what else the machine does weighs little.
// node --import tsx test/bench/liveOverhead.ts [MODELS] [BATCH] [SECONDS]
import * as fs from 'node:fs';
import * as path from 'node:path';
import { startBackend } from '../../src/engine/backend';
import { stepFrame, usualParameters } from '../../src/engine/frames';
import { TrainStep } from '../../src/engine/trainStep';
import { networkFrom, randomBatch } from './networkFrom';

const FRAMES_PER_SECOND = 30;

/** What one step takes. */
interface Time {
  cpu: number;
  wall: number;
}

async function main(): Promise<void> {
  const [models = 'a,b,c', batchSize = '32', seconds = '10'] = process.argv.slice(2);
  await startBackend('wasm');
  const titles = ['model', 'step, ms', 'frame, ms', 'cost, wall', 'quartiles', 'cost, CPU', 'pairs', 'frame, KB'];
  console.log(`medians; cost of ${FRAMES_PER_SECOND} frames a second`);
  console.log(titles.map((t) => t.padStart(16)).join(''));
  for (const model of models.split(',')) {
    const ready = await networkFrom(fs.readFileSync(path.join(__dirname, 'models', `${model}.py`), 'utf8'));
    const step = new TrainStep(ready.network, ready.optimizer);
    const batch = randomBatch(ready, Number(batchSize));
    step.prepare(batch.count, batch.inputs.length / batch.count);
    const usual = usualParameters(ready.network.built.parameters);
    let iteration = 0;
    let bytes = 0;
    const take = (isShown: boolean): Time => {
      const started = performance.now();
      const before = process.cpuUsage();
      const { loss, steps } = step.run(batch, 0.001, ++iteration, (p) => (isShown && usual.has(p) ? 'values' : 'nothing'));
      const head = { step: iteration, epoch: 0, loss, learningRate: 0.001 };
      if (isShown) bytes = stepFrame(head, steps, new Set(), ready.optimizer.rule.slots).byteLength;
      const { user, system } = process.cpuUsage(before);
      return { cpu: (user + system) / 1000, wall: performance.now() - started };
    };
    for (let i = 0; i < 40; i++) take(i % 2 === 0);
    const pairs: { off: Time; on: Time }[] = [];
    const end = performance.now() + 1000 * Number(seconds);
    while (performance.now() < end) {
      // Which one goes first takes turns, too.
      if (pairs.length % 2 === 0) pairs.push({ off: take(false), on: take(true) });
      else {
        const on = take(true);
        pairs.push({ on, off: take(false) });
      }
    }
    const at = (values: number[], share: number): number => values.sort((p, q) => p - q)[Math.floor(share * (values.length - 1))];
    const added = (key: keyof Time, share = 0.5): number =>
      at(
        pairs.map(({ on, off }) => on[key] - off[key]),
        share,
      );
    const off = (key: keyof Time): number =>
      at(
        pairs.map((p) => p.off[key]),
        0.5,
      );
    /** Per cent of what is computed in a second: in wall time a second, in CPU time what steps use of it. */
    const cost = (key: keyof Time, share?: number): string =>
      ((FRAMES_PER_SECOND * added(key, share) * off('wall')) / off(key) / 10).toFixed(2);
    const cells = [
      model,
      off('wall').toFixed(2),
      added('wall').toFixed(3),
      `${cost('wall')} %`,
      `${cost('wall', 0.25)} to ${cost('wall', 0.75)}`,
      `${cost('cpu')} %`,
      pairs.length,
      (bytes / 1024).toFixed(0),
    ];
    console.log(cells.map((t) => String(t).padStart(16)).join(''));
    step.dispose();
  }
  process.exit(0);
}
void main();
