import { decodeFrame, frameKey, type Frame } from '../../common/frame';
import { weightsBefore } from '../../insight/stepFromFrame';
import { readFrame } from '../../runs/runReader';
import { parameterKey, type Parameter } from '../parameter';
import type { ProbeState } from './probeState';

/**
 * The network at a stored step, put together from the run's own frame: the step that led to it, or from frame 0 the one that comes.
 * @param folder of the run
 * @throws Error, in words for a person, when the frame is gone or leaves weights out.
 */
export async function storedState(folder: string, step: number, parameters: readonly Parameter[]): Promise<ProbeState> {
  const frame = await readFrame(folder, step).then(decodeFrame, () => {
    throw new Error(
      `The frame of step ${step} is no longer stored: a long run keeps fewer and fewer of its frames. Choose another step on the time line.`,
    );
  });
  const after = parameters.map((p) => weightIn(frame, p));
  const before = parameters.map((p) => weightsBefore(frame, p.layer, p.name));
  if (!before.every((w) => w !== null)) return { step: step + 1, kind: 'next', weights: after, taken: null };
  const gradients = parameters.map((p) => frame.tensors.get(frameKey('gradient', p.layer, p.name))?.values ?? null);
  return { step, kind: 'last', weights: before, taken: { gradients, after } };
}

function weightIn(frame: Frame, parameter: Parameter): Float32Array {
  const values = frame.tensors.get(frameKey('weight', parameter.layer, parameter.name))?.values;
  if (values?.length === parameter.size) return values;
  throw new Error(
    `The frame of step ${frame.step} leaves out ${parameterKey(parameter)}, whose ${parameter.size.toLocaleString('en-US')} weights are too many to store at every step, so the network of that step can’t be put together again. Only the newest step can be looked into.`,
  );
}
