import { parseCommand } from './options';
import { workerFor } from './trainOnce';
import { UserError } from './userError';

const usage = 'gpu [--json]';

/** `kernelscope gpu`: which GPU `--backend webgpu` would train on. */
export const gpuCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values } = parseCommand(args, usage, 0, { json: { type: 'boolean', default: false } });
    const worker = workerFor('.');
    try {
      const gpu = await worker.call('describeGpu', null);
      if (values.json) console.log(JSON.stringify(gpu));
      else console.log(gpu.isSoftware ? `${gpu.name}: a program that plays a graphics processor` : gpu.name);
      return 0;
    } catch (error) {
      throw (error as Error).name === 'GpuUnavailable' ? new UserError('kernelscope', 1, (error as Error).message) : error;
    } finally {
      worker.dispose();
    }
  },
};
