import type { RunPhase } from '../../src/common/run';

/** A run's phase as people say it. */
export const PHASE_WORDS: Record<RunPhase, string> = {
  preparing: 'Preparing',
  running: 'Training',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
};
