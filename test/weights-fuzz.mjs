// Reads damaged copies of all weight fixtures and reports crashes, foreign errors, slow inputs and memory.
//   node --import tsx test/weights-fuzz.mjs [--count 100000] [--seed 1] [--only keras]
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { fuzzWeights, loadFixtures } from './unit/weights/fuzzWeights.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
});
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures/weights');
const fixtures = loadFixtures(folder).filter((f) => f.file.includes(values.only));
const begin = performance.now();
const line = (r) =>
  `${r.inputs} inputs: ${r.opened} read, ${r.refused} refused, ${r.failures.length} failures, slowest ${Math.round(r.slowestMs)} ms ` +
  `(${r.slowest}), at most ${Math.round(r.largestHeapMb)} MB, ${Math.round((performance.now() - begin) / 1000)} s`;
const result = await fuzzWeights(fixtures, Number(values.count), Number(values.seed), 1000, (r) => console.log(line(r)));
console.log(line(result));
for (const failure of result.failures.slice(0, 40)) console.log(failure);
process.exitCode = result.failures.length ? 1 : 0;
