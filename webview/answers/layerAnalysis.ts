import type { KernelAnalysis } from '../../src/common/kernelAnalysis';
import type { HostChannel } from '../host/connection';
import type { PanelContext } from '../panel/context';
import { fieldValues } from '../run/fields';
import { analysedKernels, type AnalysedKernels } from './analysedKernels';
import { AnalysisCache } from './analysisCache';

/** While training goes on, an analysis is made anew this long after the last one. */
const REFRESH_MS = 2000;

/** The kernels that are looked at, analysed. */
export interface AnalysedLayer {
  kernels: AnalysedKernels;
  now: KernelAnalysis;
  /** Of the weights as drawn; null while that is not known. */
  start: KernelAnalysis | null;
  /** The step that `now` and `values` are of: while training goes on, an earlier one than is shown. */
  step: number;
  values: Float32Array;
}

/** Keeps an analysis of the kernels that the panel looks at, for whichever part wants it; made only when one asks. */
export class LayerAnalysis {
  private readonly cache: AnalysisCache;
  private shown: { now: KernelAnalysis; step: number; values: Float32Array; key: string } | null = null;
  private timer: number | null = null;

  constructor(
    channel: HostChannel,
    private readonly requestDraw: () => void,
  ) {
    this.cache = new AnalysisCache(channel, requestDraw);
  }

  /** @returns the analysis; a sentence why there is none (yet); null where there are no kernels to compare. */
  of({ run, layer, weight }: PanelContext): AnalysedLayer | string | null {
    const kernels = layer && weight && analysedKernels(layer, weight);
    if (!kernels || !run.shown || kernels.shape[3] < 2) return null;
    const { values, missing } = fieldValues(run, 'weight', layer, weight);
    if (!values) return missing;
    const first = run.first && fieldValues(run, 'weight', layer, weight, run.first).values;
    const { step } = run.shown;
    const key = [run.generation, run.runId, layer.name, weight.name].join(' ');
    const [nowKey, startKey] = [`${key} ${step}`, `${key} 0`];
    const ask = (kind: 'now' | 'start', at: string, of: Float32Array) =>
      this.cache.ask(kind, { key: at, values: kernels.arrange(of), shape: kernels.shape });
    if (first) ask('start', startKey, first);
    const isMoving = run.status?.phase === 'running' && !run.isPast;
    const found = this.cache.get(nowKey);
    if (!found && this.isDue(isMoving, key)) ask('now', nowKey, values);
    if (found instanceof Error) return found.message;
    if (found && this.shown?.now !== found) this.shown = { now: found, step, values: kernels.arrange(values), key };
    // Between two analyses the last one stays, with the step that it is of.
    if (this.shown?.key !== key) return 'Comparing the kernels…';
    const start = this.cache.get(startKey);
    return { ...this.shown, kernels, start: start instanceof Error ? null : start };
  }

  /** At once when something else is looked at or the run stands still; while it runs, now and then. */
  private isDue(isMoving: boolean, key: string): boolean {
    if (!isMoving || this.shown?.key !== key) return true;
    const wait = this.cache.lastAnswer + REFRESH_MS - performance.now();
    if (wait <= 0) return true;
    this.timer ??= window.setTimeout(() => {
      this.timer = null;
      this.requestDraw();
    }, wait);
    return false;
  }
}
