import * as tfc from '@tensorflow/tfjs-core';
import type { KnockOut, ProbeCalls } from '../../common/probeProtocol';
import { compareNetworks, refuseWithoutAccuracy } from './compareNetworks';
import { channelAxis, interceptLayer, lastPerChannel, layerAt } from './interceptLayer';
import { networkAt, type ProbeTarget } from './probeTarget';

/** Accuracy on held-out images with a kernel and without it: its output set to zero. */
export async function knockOut(
  target: ProbeTarget,
  { layer: path, filter, step: at }: ProbeCalls['knockOut']['params'],
  signal: AbortSignal,
): Promise<KnockOut> {
  const { model } = target.network.built;
  refuseWithoutAccuracy(target);
  const own = layerAt(model, path);
  const ends = new Set(model.outputs.map((o) => o.sourceLayer));
  const last = lastPerChannel(own, ends);
  if (ends.has(last)) throw new Error(`${path} makes the model's answer itself: without it there is nothing to be right about.`);
  // Behind what works on each channel alone: it would make something of the zero.
  const takeOut = (y: tfc.Tensor): tfc.Tensor => zeroed(y, channelAxis(own, y.rank), filter, path);
  // Training may go on in between: all images see the same weights.
  const { step, weights } = await networkAt(target, at);
  const whole = { weights, run: <T>(pass: () => T): T => pass() };
  const less = { weights, run: <T>(pass: () => T): T => interceptLayer(last, takeOut, pass) };
  return { at: last.name, ...(await compareNetworks(target, step, whole, less, signal)) };
}

function zeroed(y: tfc.Tensor, axis: number, filter: number, path: string): tfc.Tensor {
  const channels = y.shape[axis];
  if (!(Number.isInteger(filter) && filter >= 0 && filter < channels))
    throw new Error(`${path} has no kernel ${filter}; it has ${channels}`);
  const mask = Float32Array.from({ length: channels }, (_, i) => (i === filter ? 0 : 1));
  return tfc.mul(
    y,
    tfc.tensor(
      mask,
      y.shape.map((_, i) => (i === axis ? channels : 1)),
    ),
  );
}
