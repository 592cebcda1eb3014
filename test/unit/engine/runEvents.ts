import type { prepareRun } from '../../../src/engine/prepareRun';

/** What a run says. */
export type RunEvents = Parameters<typeof prepareRun>[1];

/** Listens to some of what a run says, and to nothing else. */
export function listening(events: Partial<RunEvents>): RunEvents {
  const ignored = (): void => {};
  return {
    status: ignored,
    metrics: ignored,
    epoch: ignored,
    frame: ignored,
    storedFrames: ignored,
    test: ignored,
    rewound: ignored,
    ...events,
  };
}

/** The `status` listener of a run that is waited for: `ended` resolves to `finished`, or to what a failed run says. */
export function untilEnd(): { ended: Promise<string>; status: RunEvents['status'] } {
  let end: (phase: string) => void = () => {};
  const ended = new Promise<string>((resolve) => (end = resolve));
  return {
    ended,
    status: ({ phase, message }) => (phase === 'finished' ? end(phase) : phase === 'failed' ? end(message ?? phase) : undefined),
  };
}
