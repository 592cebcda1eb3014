import { parentPort } from 'node:worker_threads';
import { Channel, type Transport } from '../base/channel';
import { layerInsight } from '../insight/layerInsight';
import type { InsightCalls } from './insightThread';

/** Entry of the thread that analyses kernels: the extension host and the webviews stay free meanwhile. */
function main(port: NonNullable<typeof parentPort>): void {
  const transport: Transport = {
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    onMessage(listener) {
      port.on('message', listener);
      return { dispose: () => void port.off('message', listener) };
    },
  };
  new Channel<InsightCalls, Record<never, never>, Record<never, never>, Record<never, never>>(transport, {
    analyse: ({ values, shape }) => layerInsight(new Float32Array(values), shape),
  });
}

if (parentPort) main(parentPort);
