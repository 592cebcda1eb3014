import { parentPort, workerData } from 'node:worker_threads';
import { Channel } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import type { WeightsThreadCalls, WeightsThreadEvents } from '../common/weightsProtocol';
import { sharePulse } from './hdf5/pulse';
import { weightsService } from './weightsService';

type ThreadChannel = Channel<WeightsThreadCalls, Record<never, never>, WeightsThreadEvents, Record<never, never>>;

/** The entry of the thread that reads weight files: the extension host stays free, and survives whatever a file does. */
function main(port: NonNullable<typeof parentPort>): void {
  const channel: ThreadChannel = new Channel(
    threadTransport(port),
    weightsService((progress) => channel.fire('didProgress', progress)),
  );
}

if (parentPort) {
  const { pulse } = (workerData ?? {}) as { pulse?: SharedArrayBuffer };
  if (pulse) sharePulse(pulse);
  main(parentPort);
}
