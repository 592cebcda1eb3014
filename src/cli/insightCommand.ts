import { layerInsight } from '../insight/layerInsight';
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
    const layers = chosen.map(({ name, shape, values: weights, initialiser }) => {
      const { kernels, summary } = layerInsight(weights, shape);
      return {
        name,
        shape,
        initialiser,
        kernels: kernels.map(({ kernelClass, edgeScore, ...rest }) => ({ class: kernelClass, score: edgeScore, ...rest })),
        summary,
      };
    });
    const when = source.step === null ? '' : `, step ${source.step}`;
    if (values.json) console.log(JSON.stringify({ step: source.step, layers }));
    else for (const layer of layers) console.log(`${layer.name} [${layer.shape.join(', ')}]${when}: ${layer.summary.sentence}`);
    return 0;
  },
};
