import * as path from 'node:path';
import type { ModelSpec } from '../common/modelSpec';
import type { Snapshot, ViewModel } from '../common/panelProtocol';
import type { RunSession } from '../training/runSession';
import type { LayerSelection, Subject } from './subject';

/** Everything a view shows of a subject; before a run, `initial` is the frame as its seed draws it. */
export function snapshotOf(subject: Subject | null, selection: LayerSelection | null, initial: ArrayBuffer | null): Snapshot {
  const session = subject?.session ?? null;
  const firstFrame = session?.firstFrame ?? initial;
  return {
    runId: session?.id ?? null,
    model: subject ? viewModel(subject, session) : null,
    status: session?.status ?? null,
    metrics: session?.metrics ?? { steps: [], epochs: [] },
    firstFrame,
    frame: session?.latestFrame ?? firstFrame,
    storedSteps: session?.storedSteps ?? [],
    selectedLayer: selection?.layer ?? null,
    selectedFilter: selection?.filter ?? null,
    seed: session?.description.options.seed ?? subject?.seed,
    canContinue: session !== null && !session.isLive && session.canContinue,
    test: session?.test ?? null,
  };
}

function viewModel(subject: Subject, session: RunSession | null): ViewModel {
  const loadedFrom = session?.description.options.initialWeights;
  const spec: ModelSpec = session?.description.spec ?? subject.model;
  return {
    name: spec.name,
    sourceFile: session?.description.sourceFile ?? subject.uri?.path ?? '',
    layers: spec.layers,
    ...(!spec.trainable && { problem: spec.notes.find((n) => n.severity === 'error')?.message ?? 'A part of it cannot be trained here.' }),
    totalParams: spec.totalParams,
    optimizer: spec.training.optimizer,
    loss: spec.training.loss?.name ?? null,
    dataset: session?.dataset ?? null,
    ...(loadedFrom && { loadedFrom: path.basename(loadedFrom) }),
    notes: [
      ...new Set([
        ...spec.notes.map((n) => n.message),
        ...(session?.dataset?.notes ?? []),
        ...(session?.notes ?? []),
        ...(session?.notRepeatable ?? []),
      ]),
    ],
  };
}
