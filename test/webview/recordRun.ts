import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { DataRef, DatasetInfo } from '../../src/common/dataSpec';
import { decodeFrame, type Frame } from '../../src/common/frame';
import type { ModelSpec } from '../../src/common/modelSpec';
import type { Snapshot } from '../../src/common/panelProtocol';
import type { ProbeCalls } from '../../src/common/probeProtocol';
import type { EpochRow, MetricsRow, RunStatus, TrainOptions } from '../../src/common/run';
import { prepareRun } from '../../src/engine/prepareRun';
import { probeHandlers } from '../../src/engine/probes/probeHandlers';
import { readModelSource } from '../../src/model/readModelSource';
import { readFrame } from '../../src/runs/runReader';
import type { RunSession } from '../../src/training/runSession';
import { trainOptions } from '../../src/training/trainDefaults';
import { snapshotOf } from '../../src/views/snapshot';

/** A run as it really happened: what the extension host would know of it at its end. */
export interface RecordedRun {
  spec: ModelSpec;
  dataset: DatasetInfo;
  options: TrainOptions;
  statuses: RunStatus[];
  steps: MetricsRow[];
  epochs: EpochRow[];
  storedSteps: number[];
  /** Frames of the run folder and, where they say more, live ones with everything of the watched layers; by step. */
  frames: Map<number, ArrayBuffer>;
  test: Record<string, number> | null;
  notes: string[];
  /** What looking into the network at the run's end gave, by `probeKey`. */
  probes: Map<string, unknown>;
}

export interface RecordOptions {
  /** Text of a Keras file; its first model is trained. */
  python: string;
  data?: DataRef;
  options?: Partial<TrainOptions>;
  /** Layers whose frames hold the optimiser's numbers too; by default all that have weights. */
  watched?: string[];
  /** Looks into the network at the run's end, with the steps that are stored and the weights that came out. */
  probes?: (storedSteps: number[], end: Frame) => ProbeRequest[];
}

export type ProbeRequest = { [K in keyof ProbeCalls]: { type: K; params: ProbeCalls[K]['params'] } }[keyof ProbeCalls];

/** The same for the same call, whatever the order of its parameters. */
export function probeKey({ type, params }: { type: string; params: object }): string {
  return `${type} ${JSON.stringify(Object.entries(params).sort(([a], [b]) => a.localeCompare(b)))}`;
}

/** Trains with the product's own engine, in this thread, and keeps what it says. */
export async function recordRun(wanted: RecordOptions): Promise<RecordedRun> {
  const source = await readModelSource({ path: 'model.py', text: wanted.python });
  const spec = source.models[0];
  if (!spec) throw new Error(`no model was read: ${source.notes.map((n) => n.message).join(' ')}`);
  const options = trainOptions(spec, wanted.options ?? {}, { seed: 1, backend: 'cpu' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-webview-'));
  const statuses: RunStatus[] = [];
  const steps: MetricsRow[] = [];
  const epochs: EpochRow[] = [];
  const live = new Map<number, ArrayBuffer>();
  let storedSteps: number[] = [];
  let test: Record<string, number> | null = null;
  let hasEnded = false;
  let end: (status: RunStatus) => void = () => {};
  const ended = new Promise<RunStatus>((resolve) => (end = resolve));
  const { trainer, started } = await prepareRun(
    {
      runFolder: folder,
      spec,
      sourceFile: 'model.py',
      sourceSha256: '',
      data: wanted.data ?? { kind: 'embedded', name: 'digits' },
      options,
      resume: false,
      startPaused: false,
    },
    {
      status: (status) => {
        if (hasEnded) return;
        statuses.push(status);
        hasEnded = status.phase === 'finished' || status.phase === 'failed';
        if (hasEnded) end(status);
      },
      metrics: (rows) => steps.push(...rows),
      epoch: (row) => epochs.push(row),
      frame: (frame) => {
        live.set(decodeFrame(frame).step, frame);
        trainer.live.acknowledge();
      },
      storedFrames: (stored) => (storedSteps = stored),
      test: (values) => (test = values),
      rewound: () => {},
    },
    () => {},
    new AbortController().signal,
  );
  const watchedLayers = wanted.watched ?? spec.layers.filter((l) => l.params > 0).map((l) => l.name);
  trainer.setCapture({ isLive: true, maxFramesPerSecond: 1e6, watchedLayers });
  trainer.start(false);
  const last = await ended;
  if (last.phase === 'failed') throw new Error(`the recorded run failed: ${last.message}`);
  const handlers = probeHandlers(() => trainer.probed);
  const probes = new Map<string, unknown>();
  const endFrame = decodeFrame(await readFrame(folder, storedSteps[storedSteps.length - 1]));
  for (const request of wanted.probes?.(storedSteps, endFrame) ?? []) {
    const probe = handlers[request.type] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
    probes.set(probeKey(request), await probe(request.params, new AbortController().signal));
  }
  await trainer.stop();
  const frames = new Map<number, ArrayBuffer>();
  for (const step of storedSteps) frames.set(step, live.get(step) ?? (await readFrame(folder, step)));
  fs.rmSync(folder, { recursive: true, force: true });
  return { spec, dataset: started.dataset, options, statuses, steps, epochs, storedSteps, frames, test, notes: started.notes, probes };
}

/** The frame of a stored step. */
export function frameOf(run: RecordedRun, step: number): Frame {
  const buffer = run.frames.get(step);
  if (!buffer) throw new Error(`no frame of step ${step} is stored; there are ${run.storedSteps.join(', ')}`);
  return decodeFrame(buffer);
}

/** The snapshot as the host makes it when the run stands at `step` (0: before the first batch; by default at its end). */
export function snapshotAt(run: RecordedRun, step = run.storedSteps.at(-1) ?? 0, change: Partial<Snapshot> = {}): Snapshot {
  const status = [...run.statuses].reverse().find((s) => s.step <= step) ?? run.statuses[0];
  const last = run.statuses[run.statuses.length - 1];
  const isEnd = step === last.step;
  const session = {
    id: 'recorded',
    status: isEnd ? last : { ...status, step, phase: 'running', message: null },
    metrics: { steps: run.steps.filter((r) => r.step <= step), epochs: run.epochs.filter((r) => r.step <= step) },
    firstFrame: run.frames.get(0) ?? null,
    latestFrame: run.frames.get(step) ?? null,
    storedSteps: run.storedSteps.filter((s) => s <= step),
    dataset: run.dataset,
    notes: run.notes,
    notRepeatable: [],
    test: isEnd ? run.test : null,
    isLive: !isEnd,
    canContinue: false,
    description: { spec: run.spec, sourceFile: 'model.py', options: run.options },
  } as unknown as RunSession;
  const snapshot = snapshotOf({ uri: null, model: run.spec, seed: run.options.seed, session }, null, null);
  return { ...snapshot, ...change };
}
