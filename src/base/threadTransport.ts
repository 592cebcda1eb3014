import type { MessagePort, Worker } from 'node:worker_threads';
import type { Transport } from './channel';

/** The way between two threads: a thread's own port, or the thread as its maker holds it. */
export function threadTransport(end: MessagePort | Worker): Transport {
  return {
    post: (message, transfer) => end.postMessage(message, transfer ?? []),
    onMessage(listener) {
      end.on('message', listener);
      return { dispose: () => void end.off('message', listener) };
    },
  };
}
