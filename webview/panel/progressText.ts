import type { RunStatus } from '../../src/common/run';
import { formatCount, formatDuration, formatNumber } from '../ui/format';

/** Where a run is, in one line: epoch, step, speed, time left; once it is finished what the test data said. */
export function progressText(status: RunStatus, test: Record<string, number> | null): string {
  const parts: string[] = [];
  if (status.epochs > 0 && status.totalSteps > 0) {
    parts.push(`epoch ${Math.min(status.epoch + 1, status.epochs)} of ${status.epochs}`);
    parts.push(`step ${formatCount(status.step)} of ${formatCount(status.totalSteps)}`);
  }
  if (status.imagesPerSecond > 0 && status.phase !== 'preparing') parts.push(`${formatCount(status.imagesPerSecond)} images/s`);
  if (status.secondsLeft !== null && status.phase === 'running') parts.push(`${formatDuration(status.secondsLeft)} left`);
  if (status.phase === 'finished' && test) {
    for (const [name, value] of Object.entries(test)) parts.push(`test ${metricLabel(name)} ${formatMetric(name, value)}`);
  }
  // Only the slow one matters to somebody who watches; the other is named on hover.
  if (status.backend === 'cpu' && status.phase !== 'preparing') parts.push(backendName(status.backend));
  return parts.join(' · ');
}

/** Shares as per cent, everything else as a number. */
export function formatMetric(name: string, value: number): string {
  return isShare(name) && value >= 0 && value <= 1 ? `${(value * 100).toFixed(1)} %` : formatNumber(value, 4);
}

/** Whether a metric is a share: of images, of pixels. */
export function isShare(name: string): boolean {
  return /acc|precision|recall|auc|io_u/i.test(name);
}

/** A metric's name for people. */
export function metricLabel(name: string): string {
  return name.replace('io_u', 'IoU').replaceAll('_', ' ');
}

/** What computes, in words. */
export function backendName(backend: string): string {
  if (backend === 'cpu') return 'plain JavaScript (slow)';
  const [name, ...features] = backend.split('-');
  if (name !== 'wasm') return backend;
  return features.length > 0
    ? `WebAssembly (${features.map((f) => (f === 'simd' || f === 'fma' ? f.toUpperCase() : f)).join(', ')})`
    : 'WebAssembly';
}
