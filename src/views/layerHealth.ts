import { decodeFrame, frameKey } from '../common/frame';
import type { LayerInfo } from '../common/modelSpec';
import { filtersWithoutGradient, updateRatio } from '../editor/weightStatistics';
import type { RunSession } from '../training/runSession';

/** What one frame says of one layer. */
export interface LayerState {
  /** `as drawn`, `training`, `trained`, `frozen`, or null for a layer without weights. */
  word: string | null;
  /** mean|ΔW| / mean|W| of the kernel in that step; null where no frame says. */
  updateRatio: number | null;
  /** Filters with an exactly zero gradient in that step's batch. */
  silentFilters: number | null;
  step: number | null;
}

/** Reads layer states out of a run's newest frame, decoding each frame once. */
export class LayerHealth {
  private last: { buffer: ArrayBuffer; frame: ReturnType<typeof decodeFrame> } | null = null;

  stateOf(layer: LayerInfo, session: RunSession | null): LayerState {
    const isFrozen = layer.params > 0 && layer.trainableParams === 0;
    const none: LayerState = {
      word: layer.params === 0 ? null : isFrozen ? 'frozen' : 'as drawn',
      updateRatio: null,
      silentFilters: null,
      step: null,
    };
    const frame = session ? this.decode(session.latestFrame) : null;
    if (!frame || frame.step === 0 || layer.params === 0 || isFrozen) return none;
    const kernel = layer.weights.find((w) => w.trainable && w.shape.length >= 2) ?? layer.weights.find((w) => w.trainable);
    const tensor = (field: 'weight' | 'gradient' | 'update') =>
      kernel ? frame.tensors.get(frameKey(field, layer.name, kernel.name)) : undefined;
    const [weight, gradient, update] = [tensor('weight'), tensor('gradient'), tensor('update')];
    return {
      word: session?.isLive ? 'training' : 'trained',
      updateRatio: weight && update ? updateRatio(update.values, weight.values) : null,
      silentFilters: gradient && kernel && kernel.shape.length === 4 ? filtersWithoutGradient(gradient.values, kernel.shape[3]) : null,
      step: frame.step,
    };
  }

  private decode(buffer: ArrayBuffer | null): ReturnType<typeof decodeFrame> | null {
    if (!buffer) return null;
    if (this.last?.buffer !== buffer) this.last = { buffer, frame: decodeFrame(buffer) };
    return this.last.frame;
  }
}
