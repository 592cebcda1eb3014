import type { DataRef } from '../common/dataSpec';
import type { ModelSpec } from '../common/modelSpec';
import type { RunStatus } from '../common/run';
import { Commands } from '../ids';
import { dataRefName, dataSpecName } from '../training/dataNames';

export interface LensText {
  title: string;
  tooltip: string;
  /** Null: text only. */
  command: string | null;
}

export interface LensSubject {
  model: ModelSpec;
  seed: number;
  /** What the person chose for the file; null: what the file names. */
  data: DataRef | null;
  status: RunStatus | null;
  loss: number | null;
}

/** What stands above a model: how it would be trained, or how its training goes. */
export function lensTexts({ model, seed, data, status, loss }: LensSubject): LensText[] {
  if (status && (status.phase === 'running' || status.phase === 'paused' || status.phase === 'preparing')) return runLenses(status, loss);
  if (!model.trainable) {
    const reason = model.notes.find((n) => n.severity === 'error')?.message ?? 'A part of it cannot be trained here.';
    return [{ title: `$(eye) ${model.layers.length} layers, can be looked at but not trained`, tooltip: reason, command: null }];
  }
  const { epochs, batchSize } = model.training;
  const lenses: LensText[] = [
    { title: '▶ Train CNN', tooltip: `Train ${model.name} and watch its kernels beside the code`, command: Commands.trainCnn },
    {
      title: data ? dataRefName(data) : dataSpecName(model.data),
      tooltip: 'What it trains on; click to choose other images',
      command: Commands.chooseData,
    },
    {
      title: `${plural(epochs ?? 1, 'epoch')}, batch ${batchSize ?? model.data.batchSize ?? 32}`,
      tooltip: epochs === null ? 'The file does not say how long: Keras’s default' : 'As the file says; change it there',
      command: null,
    },
    { title: `seed ${seed}`, tooltip: 'The same file, data and seed give the same weights; click to change', command: Commands.setSeed },
  ];
  if (status) lenses.push({ title: endText(status), tooltip: status.message ?? 'Open the kernel panel', command: Commands.openPanel });
  return lenses;
}

function runLenses(status: RunStatus, loss: number | null): LensText[] {
  const stop: LensText = { title: '$(debug-stop) Stop', tooltip: 'End the run; what it wrote stays', command: Commands.stop };
  if (status.phase === 'preparing')
    return [
      { title: `$(loading~spin) ${status.message ?? 'Preparing'}`, tooltip: 'Open the kernel panel', command: Commands.openPanel },
      stop,
    ];
  const go: LensText =
    status.phase === 'running'
      ? { title: '$(debug-pause) Pause', tooltip: 'Pause after the current batch', command: Commands.pause }
      : { title: '$(debug-continue) Continue', tooltip: 'Go on training', command: Commands.resume };
  const step: LensText = { title: '$(debug-step-over) One batch', tooltip: 'Train one batch, then pause', command: Commands.stepOnce };
  return [go, step, stop, { title: progressText(status, loss), tooltip: 'Open the kernel panel', command: Commands.openPanel }];
}

function progressText(status: RunStatus, loss: number | null): string {
  const parts = [`epoch ${Math.min(status.epoch + 1, status.epochs)} of ${status.epochs}`, `step ${status.step} of ${status.totalSteps}`];
  if (loss !== null && Number.isFinite(loss)) parts.push(`loss ${loss.toPrecision(3)}`);
  return parts.join(' · ');
}

function endText(status: RunStatus): string {
  if (status.phase === 'failed') return `$(error) failed at step ${status.step}`;
  return status.phase === 'finished' ? `$(check) trained, ${plural(status.step, 'step')}` : `stopped at step ${status.step}`;
}

function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
