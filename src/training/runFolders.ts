import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RunManifest, RunPhase, RunStatus } from '../common/run';
import { readFrame, readManifest, readMetrics } from '../runs/runReader';
import { listFrames } from '../runs/runWriter';
import type { RunHistory } from './runSession';

/** Phases in which a run is only found when something cut it off. */
export const INTERRUPTED: readonly RunPhase[] = ['preparing', 'running', 'paused'];

/**
 * Everything a view shows of a run that no worker holds.
 * @throws Error when the folder holds no readable run.
 */
export async function readHistory(folder: string): Promise<RunHistory> {
  const manifest = await readManifest(folder);
  const metrics = await readMetrics(folder);
  const storedSteps = listFrames(folder);
  const frame = (step: number | undefined): Promise<ArrayBuffer | null> =>
    step === undefined ? Promise.resolve(null) : readFrame(folder, step).catch(() => null);
  const hasCheckpoint = await fs.access(path.join(folder, 'checkpoint.safetensors')).then(
    () => true,
    () => false,
  );
  const step = metrics.steps.at(-1)?.step ?? 0;
  return {
    status: statusOf(manifest, step, metrics.steps.at(-1)?.learningRate),
    dataset: manifest.dataset,
    metrics,
    firstFrame: storedSteps[0] === 0 ? await frame(0) : null,
    lastFrame: await frame(storedSteps.at(-1)),
    storedSteps,
    notRepeatable: manifest.notRepeatable,
    test: manifest.test,
    canContinue: hasCheckpoint && manifest.phase !== 'finished',
  };
}

function statusOf(manifest: RunManifest, step: number, learningRate: number | undefined): RunStatus {
  const { options, stepsPerEpoch, totalSteps } = manifest;
  const wasCutOff = INTERRUPTED.includes(manifest.phase);
  return {
    phase: wasCutOff ? 'paused' : manifest.phase,
    step,
    totalSteps,
    epoch: Math.min(options.epochs - 1, Math.floor(step / Math.max(1, stepsPerEpoch))),
    epochs: options.epochs,
    stepsPerEpoch,
    imagesPerSecond: 0,
    secondsLeft: null,
    learningRate: learningRate ?? options.learningRate ?? Number(manifest.spec.training.optimizer?.config.learning_rate ?? NaN),
    seed: options.seed,
    backend: manifest.backend,
    message: wasCutOff ? `This run was cut off at step ${step}; continue it from its last checkpoint.` : null,
  };
}
