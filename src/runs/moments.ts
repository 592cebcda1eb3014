import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { openWeights } from '../weights/openWeights';
import { framePath, listFrames } from './runWriter';

/** A step of a run, or one of its ends. */
export type Moment = number | 'start' | 'end';

export interface StoredMoment {
  step: number;
  /** The frame's file. */
  path: string;
}

/** `RUN@STEP`, `RUN@start` or `RUN@end`; null when the text has no such end. */
export function parseMoment(text: string): { folder: string; moment: Moment } | null {
  const match = /^(.+)@(\d+|start|end)$/.exec(text);
  if (!match) return null;
  return { folder: match[1], moment: match[2] === 'start' || match[2] === 'end' ? match[2] : Number(match[2]) };
}

/**
 * The frame that a run keeps of a moment.
 * @throws Error when the folder is no run, or keeps none: the message names those nearest to it.
 */
export async function storedMoment(folder: string, moment: Moment): Promise<StoredMoment> {
  const isRun = await stat(path.join(folder, 'run.json')).then(
    (s) => s.isFile(),
    () => false,
  );
  if (!isRun) throw new Error('is not a run; give a folder that holds run.json');
  const steps = listFrames(folder);
  if (steps.length === 0) throw new Error('keeps no frames; train for at least one step');
  const last = await checkpointAfter(folder, steps[steps.length - 1]);
  if (last) steps.push(last.step);
  const step = moment === 'start' ? steps[0] : moment === 'end' ? steps[steps.length - 1] : moment;
  if (step === last?.step) return last;
  if (steps.includes(step)) return { step, path: framePath(folder, step) };
  const before = steps.filter((s) => s < step).at(-1);
  const after = steps.find((s) => s > step);
  const near = [before, after].filter((s) => s !== undefined).map((s) => `step ${s}`);
  throw new Error(`keeps no frame of step ${step}; the nearest it keeps: ${near.join(' and ')}`);
}

/** A run that was stopped has newer weights in its checkpoint than in its last frame. */
async function checkpointAfter(folder: string, step: number): Promise<StoredMoment | null> {
  const file = path.join(folder, 'checkpoint.safetensors');
  try {
    const reader = await openWeights(file);
    reader.close();
    const { progress } = reader.info.producer.metadata as { progress: string };
    const at = (JSON.parse(progress) as { step: number }).step;
    return at > step ? { step: at, path: file } : null;
  } catch {
    // A run without a checkpoint has its frames.
    return null;
  }
}
