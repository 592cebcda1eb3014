import { decodeFrame, frameKey, type Frame } from '../../common/frame';
import { weightsBefore } from '../../insight/stepFromFrame';
import { readFrame } from '../../runs/runReader';
import type { Parameter } from '../parameter';
import { copyValues } from '../tensorMemory';
import type { ProbeState } from './probeState';

/**
 * The network at a stored step, put together from the run's own frame: the step that led to it, or from frame 0 the one that comes.
 * @param folder of the run
 * Weights that the frame leaves out are those of now, and named in `missing`.
 * @throws Error, in words for a person, when the frame is gone.
 */
export async function storedState(folder: string, step: number, parameters: readonly Parameter[]): Promise<ProbeState> {
  const frame = await readFrame(folder, step).then(decodeFrame, () => {
    throw new Error(
      `The frame of step ${step} is no longer stored: a long run keeps fewer and fewer of its frames. Choose another step on the time line.`,
    );
  });
  const held = parameters.map((p) => weightIn(frame, p));
  const missing = parameters.filter((_, i) => held[i] === null);
  const after = parameters.map((p, i) => held[i] ?? copyValues(p.variable));
  const before = parameters.map((p, i) => (held[i] ? weightsBefore(frame, p.layer, p.name) : after[i]));
  if (frame.step === 0 || !before.every((w) => w !== null)) return { step: step + 1, kind: 'next', weights: after, taken: null, missing };
  const gradients = parameters.map((p) => frame.tensors.get(frameKey('gradient', p.layer, p.name))?.values ?? null);
  return { step, kind: 'last', weights: before, taken: { gradients, after }, missing };
}

function weightIn(frame: Frame, { layer, name, size }: Parameter): Float32Array | null {
  const values = frame.tensors.get(frameKey('weight', layer, name))?.values;
  return values?.length === size ? values : null;
}
