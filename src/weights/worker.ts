import { parentPort, workerData } from 'node:worker_threads';
import { Channel, type Transport } from '../base/channel';
import type { WeightsThreadCalls, WeightsThreadEvents } from '../common/weightsProtocol';
import { sharePulse } from './hdf5/pulse';
import { weightsService } from './weightsService';

type ThreadChannel = Channel<WeightsThreadCalls, Record<never, never>, WeightsThreadEvents, Record<never, never>>;

/** The entry of the thread that reads weight files: the extension host stays free, and survives whatever a file does. */
function main(port: NonNullable<typeof parentPort>): void {
  const transport: Transport = {
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    onMessage(listener) {
      port.on('message', listener);
      return { dispose: () => void port.off('message', listener) };
    },
  };
  const channel: ThreadChannel = new Channel(
    transport,
    weightsService((progress) => channel.fire('didProgress', progress)),
  );
}

if (parentPort) {
  const { pulse } = (workerData ?? {}) as { pulse?: SharedArrayBuffer };
  if (pulse) sharePulse(pulse);
  main(parentPort);
}
