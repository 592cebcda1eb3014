import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import { maxAbs } from '../../src/common/stats';
import { fieldValues, type Field } from '../run/fields';
import { niceCeiling } from '../run/niceScale';
import type { RunData } from '../run/runData';
import type { ExportSubject } from './exportSubject';
import type { FilmFrame } from './toGif';

/**
 * A weight at every stored step, and one scale for all of them.
 * @throws Error when no stored frame holds it.
 */
export async function filmFrames(
  run: RunData,
  field: Field,
  layer: LayerInfo,
  weight: WeightSpec,
  layout: ExportSubject['layout'],
  signal: AbortSignal,
): Promise<{ frames: FilmFrame[]; scale: number }> {
  const frames: FilmFrame[] = [];
  let largest = 0;
  for (const step of run.storedSteps) {
    signal.throwIfAborted();
    // A frame may be thinned away while its neighbours are read.
    const frame = await run.frameAt(step).catch(() => null);
    const values = frame && fieldValues(run, field, layer, weight, frame).values;
    if (!values) continue;
    frames.push({ step, values });
    largest = Math.max(largest, maxAbs(layout.prepare(values)));
  }
  if (frames.length < 2) throw new Error('The run has not stored enough frames of this weight for a film yet.');
  return { frames, scale: niceCeiling(largest) };
}
