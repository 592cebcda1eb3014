import { parentPort } from 'node:worker_threads';
import { Channel, type Transport } from '../base/channel';
import type { WeightCalls, WeightEvents } from '../common/weightProtocol';
import { weightService } from './weightService';

/** The entry of the thread that reads weight files, so that nobody who types waits for a disk. */
function main(port: NonNullable<typeof parentPort>): void {
  const transport: Transport = {
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    onMessage(listener) {
      port.on('message', listener);
      return { dispose: () => void port.off('message', listener) };
    },
  };
  const service = weightService((progress) => channel.fire('didProgress', progress));
  const channel = new Channel<WeightCalls, Record<never, never>, WeightEvents, Record<never, never>>(transport, service);
}

if (parentPort) main(parentPort);
