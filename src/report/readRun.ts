import { decodeFrame, type Frame } from '../common/frame';
import type { MetricsTable, RunManifest } from '../common/run';
import { readFrame, readManifest, readMetrics } from '../runs/runReader';
import { listFrames } from '../runs/runWriter';

/** What a report is made from. */
export interface ReportedRun {
  manifest: RunManifest;
  metrics: MetricsTable;
  /** Steps whose frames are stored, ascending. */
  steps: number[];
  /** As drawn by the initialisers; null when frame 0 is not there. */
  first: Frame | null;
  last: Frame | null;
  /** The last few frames, ascending, for what takes several batches to see. */
  recent: Frame[];
}

const RECENT = 6;

/** @throws Error when the folder holds no readable run. */
export async function readRun(folder: string): Promise<ReportedRun> {
  const manifest = await readManifest(folder);
  const metrics = await readMetrics(folder);
  const steps = listFrames(folder);
  const read = async (step: number) => readFrame(folder, step).then(decodeFrame, () => null);
  const recent = (await Promise.all(steps.slice(-RECENT).map(read))).filter((f) => f !== null);
  return { manifest, metrics, steps, first: steps[0] === 0 ? await read(0) : null, last: recent.at(-1) ?? null, recent };
}
