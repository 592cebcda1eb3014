import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { layerInsight } from '../insight/layerInsight';
import { buildReport } from '../report/buildReport';
import { openRunFolder } from './openRunFolder';
import { parseCommand } from './options';
import { UserError } from './userError';

const usage = 'report RUN [--out FILE.html]';

/** `kernelscope report`: a run as one HTML file that needs nothing else. */
export const reportCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { out: { type: 'string' } });
    const [folder] = positionals;
    const run = await openRunFolder(folder);
    if (!run.last) throw new UserError(folder, 1, 'holds no frames yet; train at least one step');
    const html = await buildReport(run, async (kernels, shape) => layerInsight(kernels, shape));
    const out = path.resolve(values.out ?? `${path.basename(path.resolve(folder))}.html`);
    await fs.writeFile(out, html).catch((error: Error) => {
      throw new UserError(values.out ?? out, 1, `cannot be written (${error.message}); give another file with --out`);
    });
    console.log(out);
    return 0;
  },
};
