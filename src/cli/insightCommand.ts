import * as path from 'node:path';
import { decodeFrame, frameKey } from '../common/frame';
import { layerInsight } from '../insight/layerInsight';
import { readFrame, readManifest } from '../runs/runReader';
import { listFrames } from '../runs/runWriter';
import { parseCommand } from './options';
import { UserError } from './userError';

const usage = 'insight RUN [--layer NAME] [--json]';

/** `kernelscope insight`: what a run's kernels became, beside what chance alone would give. */
export const insightCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { layer: { type: 'string' }, json: { type: 'boolean', default: false } });
    const folder = path.resolve(positionals[0]);
    const manifest = await readManifest(folder).catch((error: Error) => {
      throw new UserError(positionals[0], 1, `is not a run (${error.message}); give a folder that holds run.json`);
    });
    const newest = listFrames(folder).at(-1);
    if (newest === undefined) throw new UserError(positionals[0], 1, 'holds no frames yet; train at least one step');
    const frame = decodeFrame(await readFrame(folder, newest));
    const layers = manifest.spec.layers.flatMap((layer) => {
      if (values.layer !== undefined && layer.name !== values.layer) return [];
      const kernel = layer.weights.find((w) => w.name === 'kernel' && w.shape.length === 4);
      const tensor = kernel && frame.tensors.get(frameKey('weight', layer.name, 'kernel'));
      if (!kernel || !tensor) return [];
      const { kernels, summary } = layerInsight(tensor.values, tensor.shape);
      return [
        {
          name: layer.name,
          shape: tensor.shape,
          initialiser: kernel.initializer.className,
          kernels: kernels.map(({ kernelClass, edgeScore, ...rest }) => ({ class: kernelClass, score: edgeScore, ...rest })),
          summary,
        },
      ];
    });
    if (layers.length === 0) {
      const names = manifest.spec.layers.map((l) => l.name).join(', ');
      throw new UserError(positionals[0], 1, `has no conv layer ${values.layer ?? ''} in its frames; its layers are ${names}`);
    }
    if (values.json) console.log(JSON.stringify({ step: frame.step, layers }));
    else
      for (const layer of layers) console.log(`${layer.name} [${layer.shape.join(', ')}], step ${frame.step}: ${layer.summary.sentence}`);
    return 0;
  },
};
