import { parentPort } from 'node:worker_threads';
import { fitImage, type ImageTarget } from './fitImage';

/** From the pool to a decoding thread. */
export interface DecodeRequest {
  id: number;
  file: string;
  target: ImageTarget;
}

/** Back from it; the pixels' buffer is transferred. */
export type DecodeReply = { id: number; pixels: Uint8Array<ArrayBuffer> } | { id: number; problem: string };

const port = parentPort;
port?.on('message', ({ id, file, target }: DecodeRequest) => {
  fitImage(file, target).then(
    (pixels) => port.postMessage({ id, pixels } satisfies DecodeReply, [pixels.buffer]),
    (error: unknown) => port.postMessage({ id, problem: error instanceof Error ? error.message : String(error) } satisfies DecodeReply),
  );
});
