import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { ModelSpec } from '../common/modelSpec';
import type { AcrossSeeds } from '../common/seedComparison';
import { compareAcrossSeeds, comparedLayers } from '../insight/acrossSeeds';
import { runName } from '../runs/runName';
import { studySeeds } from '../training/seedStudy';
import { trainOptions } from '../training/trainDefaults';
import { WorkerHandle } from '../training/workerHandle';
import { chooseData } from './chooseData';
import { chooseModel } from './chooseModel';
import { parseCommand, wholeNumber } from './options';
import { ProgressBar } from './progressBar';
import { readModelFile } from './readFile';
import { askedOptions, DEFAULT_SEED, trainFlags, trainUsage } from './trainArguments';
import { listenersOf, untilInterrupted, workerFor } from './trainOnce';
import { UserError } from './userError';

const usage = `seeds FILE --seeds N ${trainUsage} [--json]`;

/** `kernelscope seeds`: trains the same model with several seeds and says which kernels the runs share. */
export const seedsCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { ...trainFlags, seeds: { type: 'string' } });
    const [file] = positionals;
    const count = wholeNumber('seeds', values.seeds, 2) ?? 3;
    const asked = askedOptions(values);
    const read = await readModelFile(file);
    const spec = chooseModel(file, read, values.model);
    if (comparedLayers(spec).length === 0)
      throw new UserError(file, spec.range.startLine + 1, `${spec.name} has no conv layer to compare; seeds needs one`);
    if (asked.initialWeights)
      throw new UserError('kernelscope', 1, 'seeds compares runs from different random starts; leave --weights out');
    const data = await chooseData(file, spec, values.data);
    const first = asked.seed ?? DEFAULT_SEED;
    const options = trainOptions(spec, asked, { seed: first, backend: 'auto' });
    const seeds = Array.from({ length: count }, (_, i) => first + i);
    const root = path.resolve('.kernelscope', 'runs');
    const bar = new ProgressBar();
    const { runs, images } = await untilInterrupted(file, spec, bar, (stop) =>
      studySeeds({
        spec,
        sourceFile: read.path,
        sourceSha256: createHash('sha256').update(read.text).digest('hex'),
        data,
        options,
        seeds,
        folderFor: async (seed) => path.join(root, `${runName(new Date(), spec.name)}-seed-${seed}`),
        // Runs are compared: all on the same engine, a GPU only if it was asked for.
        createWorker: async () => (options.backend === 'webgpu' ? workerFor(read.path) : new WorkerHandle()),
        listenersFor: (seed) => listenersOf(bar, { spec, options: { ...options, seed } }),
        stop,
      }),
    );
    if (runs.length < 2)
      throw new UserError(file, spec.range.startLine + 1, `stopped with ${runs.length} finished run; two are needed to compare`);
    const result = compareAcrossSeeds(spec, runs, images);
    const trained = runs.map((r) => r.seed);
    if (values.json) console.log(JSON.stringify(toJson(result, trained)));
    else console.log(toText(spec, result));
    return 0;
  },
};

function toJson({ accuracy, layers, images, summary }: AcrossSeeds, seeds: number[]) {
  const lean = layers.map(({ partners: _p, cosines: _c, pairChance95: _95, ...rest }) => rest);
  return { seeds, accuracy: accuracy?.values ?? [], images, layers: lean, summary };
}

function toText(spec: ModelSpec, { layers, images, summary }: AcrossSeeds): string {
  const lines = layers.map((l) => {
    const weights = l.matchedCosine
      ? `kernels ${l.matchedCosine.mean.toFixed(2)} (chance ${l.matchedCosine.chanceMean.toFixed(2)}, 95 % ${l.matchedCosine.chance95.toFixed(2)}), ${l.inEverySeed} in every run (chance ${l.inEverySeedByChance?.toPrecision(2)})`
      : 'kernels not compared (its inputs cannot be lined up)';
    return `${l.name} [${l.shape.join(', ')}]: ${weights}; outputs ${l.matchedActivation.mean.toFixed(2)} (untrained ${l.matchedActivation.untrained.toFixed(2)}), CKA ${l.cka.toFixed(3)} (untrained ${l.ckaUntrained.toFixed(3)}) on ${images} images`;
  });
  return [`${spec.name}: ${summary}`, ...lines].join('\n');
}
