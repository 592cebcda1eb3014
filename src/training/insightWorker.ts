import { parentPort } from 'node:worker_threads';
import { Channel } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import { channelSources, compareAcrossSeeds } from '../insight/acrossSeeds';
import { layerInsight } from '../insight/layerInsight';
import { lineUpKernels } from '../insight/lineUpKernels';
import type { InsightCalls } from './insightThread';

/** Entry of the thread that analyses kernels: the extension host and the webviews stay free meanwhile. */
function main(port: NonNullable<typeof parentPort>): void {
  new Channel<InsightCalls, Record<never, never>, Record<never, never>, Record<never, never>>(threadTransport(port), {
    analyse: ({ values, shape }) => layerInsight(new Float32Array(values), shape),
    compareSeeds({ spec, runs, images }) {
      const result = compareAcrossSeeds(spec, runs, images);
      return { result, kernels: lineUpKernels(result.layers, runs, channelSources(spec)) };
    },
  });
}

if (parentPort) main(parentPort);
