import { classByChance } from '../insight/classByChance';
import { layerInsight } from '../insight/layerInsight';
import { insightText } from './insightText';
import { readKernelSource } from './kernelSources';
import { parseCommand } from './options';
import { UserError } from './userError';

const usage = 'insight RUN_OR_WEIGHTS [--layer NAME] [--json]';

/** `kernelscope insight`: what the kernels of a run or a weight file are, beside what chance alone would give. */
export const insightCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { layer: { type: 'string' }, json: { type: 'boolean', default: false } });
    const [given] = positionals;
    const source = await readKernelSource(given);
    const chosen = source.layers.filter((l) => values.layer === undefined || l.name === values.layer);
    if (chosen.length === 0) {
      const names = source.layers.map((l) => l.name).join(', ') || 'none';
      throw new UserError(given, 1, `has no conv layer${values.layer ? ` ${values.layer}` : ''}; its conv layers: ${names}`);
    }
    if (!values.json) {
      for (const layer of chosen) console.log(insightText(layer, layerInsight(layer.values, layer.shape), source.step));
      return 0;
    }
    const layers = chosen.map(({ name, shape, values: weights, initialiser }) => {
      const { kernels, summary } = layerInsight(weights, shape);
      return {
        name,
        shape,
        initialiser,
        kernels: kernels.map(({ kernelClass, edgeScore, ...rest }) => ({
          class: kernelClass,
          classChance: classByChance(kernelClass, shape),
          score: edgeScore,
          ...rest,
        })),
        summary,
      };
    });
    console.log(JSON.stringify({ step: source.step, layers }));
    return 0;
  },
};
