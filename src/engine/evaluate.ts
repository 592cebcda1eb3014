import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from './batches';
import type { Network } from './network';
import { Tally } from './tally';
import { readValues } from './tensorMemory';

/** Loss and metrics over a split, messages of the thread coming in between batches; null when it was called off. */
export async function evaluate(network: Network, batches: AsyncIterable<Batch>, isCancelled: () => boolean): Promise<Tally | null> {
  const tally = new Tally(network.objective.metrics);
  for await (const batch of batches) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isCancelled()) return null;
    let reading!: Promise<Float32Array[]>;
    tfc.tidy(() => {
      const { loss, output } = network.forward(batch, false);
      reading = readValues([loss, output]);
    });
    const [[loss], output] = await reading;
    tally.add(loss, network.measure(batch, output));
  }
  return tally;
}
