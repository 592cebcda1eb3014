import type { RunStatus } from '../common/run';

const ICON: Record<RunStatus['phase'], string> = {
  preparing: '$(loading~spin)',
  running: '$(sync~spin)',
  paused: '$(debug-pause)',
  finished: '$(check)',
  stopped: '$(debug-stop)',
  failed: '$(error)',
};

/**
 * One short line for the status bar, with codicons.
 * @param test metrics on the test data, once the run has finished
 */
export function statusText(status: RunStatus, loss: number | null, test: Record<string, number> | null = null): string {
  const icon = ICON[status.phase];
  const lossText = loss !== null && Number.isFinite(loss) ? ` · loss ${loss.toPrecision(3)}` : '';
  switch (status.phase) {
    case 'preparing':
      return `${icon} CNN: preparing`;
    case 'failed':
      return `${icon} CNN: failed at step ${status.step}`;
    case 'finished':
      return `${icon} CNN: trained${testText(test) ?? lossText}`;
    case 'stopped':
      return `${icon} CNN: stopped at step ${status.step}`;
    case 'paused':
      return `${icon} CNN: step ${status.step}${lossText}`;
    case 'running':
      return `${icon} CNN ${percent(status)}${lossText}`;
  }
}

function testText(test: Record<string, number> | null): string | null {
  const accuracy = Object.entries(test ?? {}).find(([name]) => /acc/i.test(name))?.[1];
  return accuracy === undefined || !Number.isFinite(accuracy) ? null : ` · test accuracy ${(accuracy * 100).toFixed(1)} %`;
}

/** A few plain lines: where the run is, how fast, how long still, and what went wrong. */
export function statusTooltip(status: RunStatus, modelName: string): string {
  const lines = [`${modelName}: ${status.phase}`];
  if (status.totalSteps > 0) {
    lines.push(
      `epoch ${Math.min(status.epoch + 1, status.epochs)} of ${status.epochs}, step ${status.step} of ${status.totalSteps}, seed ${status.seed}`,
    );
  }
  if (status.phase === 'running' && status.imagesPerSecond > 0) {
    const left = status.secondsLeft === null ? '' : `, ${durationText(status.secondsLeft)} left`;
    lines.push(`${Math.round(status.imagesPerSecond)} images per second on ${status.backend}${left}`);
  }
  if (status.message) lines.push(status.message);
  lines.push('Click to open the kernel panel.');
  return lines.join('\n');
}

export function percent(status: RunStatus): string {
  return status.totalSteps > 0 ? `${Math.floor((100 * status.step) / status.totalSteps)} %` : '';
}

/** `45 s`, `3 min 20 s`, `2 h 5 min` */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
