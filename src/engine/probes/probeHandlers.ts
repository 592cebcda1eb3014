import type { Handlers } from '../../base/channel';
import type { ProbeCalls } from '../../common/probeProtocol';
import { activeShare } from './activeShare';
import { checkGradient } from './checkGradient';
import { classActivation } from './classActivation';
import { excitement } from './excitement';
import { gradientSum } from './gradientSum';
import { kernelSight } from './kernelSight';
import { knockOut } from './knockOut';
import { lossSlice } from './lossSlice';
import { mergeKernels } from './mergeKernels';
import type { ProbeTarget } from './probeTarget';

/** Answers the calls that look into a run, one after the other, so that they never hold up training more than one of them does. */
export function probeHandlers(target: () => ProbeTarget): Handlers<ProbeCalls> {
  let last: Promise<unknown> = Promise.resolve();
  const queued =
    <P, R>(probe: (target: ProbeTarget, params: P, signal: AbortSignal) => Promise<R>) =>
    (params: P, signal: AbortSignal): Promise<R> => {
      const answer = last.then(() => {
        signal.throwIfAborted();
        return probe(target(), params, signal);
      });
      last = answer.catch(() => {});
      return answer;
    };
  return {
    gradientSum: queued(gradientSum),
    checkGradient: queued(checkGradient),
    lossSlice: queued(lossSlice),
    kernelSight: queued(kernelSight),
    knockOut: queued(knockOut),
    mergeKernels: queued(mergeKernels),
    activeShare: queued(activeShare),
    classActivation: queued(classActivation),
    excitement: queued(excitement),
  };
}
