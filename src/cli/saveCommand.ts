import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { savedRun } from '../runs/savedRun';
import { saveFormats, saveModel, type SaveFormat } from '../weights/write/saveModel';
import { parseCommand } from './options';
import { UserError } from './userError';

const usage = `save RUN --format ${Object.keys(saveFormats).join('|')} [--out PATH]`;

/** `kernelscope save`: a run's weights as a file that other programs read. */
export const saveCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { format: { type: 'string', default: 'keras' }, out: { type: 'string' } });
    const [run] = positionals;
    const format = values.format as SaveFormat;
    if (!Object.hasOwn(saveFormats, format))
      throw new UserError('kernelscope', 1, `--format is ${values.format}; give one of ${Object.keys(saveFormats).join(', ')}`);
    const fail = (error: Error): never => {
      throw new UserError(run, 1, `cannot be saved: ${error.message}`);
    };
    const model = await savedRun(path.resolve(run)).catch(fail);
    const target = path.resolve(values.out ?? (format === 'tfjs' ? `${model.name}-tfjs` : `${model.name}${saveFormats[format].ending}`));
    const files = await saveModel(model, format, path.basename(target)).catch(fail);
    const folder = format === 'tfjs' ? target : path.dirname(target);
    await fs.mkdir(folder, { recursive: true });
    for (const file of files) await fs.writeFile(path.join(folder, file.name), file.bytes);
    console.log(
      `${format === 'tfjs' ? path.join(target, 'model.json') : target}: ${model.tensors.length} weights, ${saveFormats[format].how}`,
    );
    return 0;
  },
};
