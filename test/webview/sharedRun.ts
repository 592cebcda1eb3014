import { frameKey, type Frame } from '../../src/common/frame';
import { layerInsight } from '../../src/insight/layerInsight';
import { mostAlike } from '../../webview/answers/mergePart';
import { spread } from '../../webview/sight/activePart';
import { recordRun, type ProbeRequest, type RecordedRun } from './recordRun';

/** Small enough to train in seconds on the reference backend; has what the views tell apart: shallow and deep kernels, batch norm, dense. */
const MODEL = `
from keras import Input, Sequential, layers

model = Sequential([
    Input((20, 20, 1)),
    layers.Conv2D(8, 3, name="first"),
    layers.BatchNormalization(name="norm"),
    layers.ReLU(),
    layers.MaxPooling2D(2),
    layers.Conv2D(12, 3, activation="relu", kernel_initializer="he_normal", name="second"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, activation="softmax", name="scores"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
`;

let recording: Promise<RecordedRun> | null = null;

/** Kernel 2 of the first layer, and its first weight. */
const PLACE = { layer: 'first', weight: 'kernel', offset: 2 };
const SIGHT = { split: null, indices: null };

/** What the panel asks for when a kernel's twin, a quarter and half of the kernels are merged. */
function mergesOf(layer: string, end: Frame): ProbeRequest[] {
  const { values, shape } = end.tensors.get(frameKey('weight', layer, 'kernel'))!;
  const { kernels } = layerInsight(values, shape);
  const pairs = (count: number) => mostAlike(kernels, count).map(({ kernel, twin }) => ({ kernel, twin }));
  const twin = kernels[2].nearest!.index;
  return [[{ kernel: 2, twin }], pairs(1), pairs(Math.floor(kernels.length / 4)), pairs(Math.floor(kernels.length / 2))].map((p) => ({
    type: 'mergeKernels',
    params: { layer, pairs: p },
  }));
}

/** The run that most tests look at; trained once per process. */
export function sharedRun(): Promise<RecordedRun> {
  recording ??= recordRun({
    python: MODEL,
    options: { epochs: 2, batchSize: 16, limit: 240, seed: 3, backend: 'cpu' },
    probes: (stored, end) => [
      { type: 'kernelSight', params: { layer: 'first', filter: 2, detail: 0, ...SIGHT } },
      { type: 'kernelSight', params: { layer: 'first', filter: 2, detail: 3, ...SIGHT } },
      { type: 'kernelSight', params: { layer: 'second', filter: 7, detail: 0, ...SIGHT } },
      { type: 'kernelSight', params: { layer: 'scores', filter: 4, detail: 0, ...SIGHT } },
      { type: 'kernelSight', params: { layer: 'first', filter: 2, split: null, indices: [7], detail: 0 } },
      { type: 'gradientSum', params: PLACE },
      { type: 'checkGradient', params: PLACE },
      { type: 'lossSlice', params: { ...PLACE, halfWidth: null } },
      { type: 'knockOut', params: { layer: 'first', filter: 2 } },
      { type: 'knockOut', params: { layer: 'first', filter: 2, step: 3 } },
      { type: 'gradientSum', params: { ...PLACE, step: 3 } },
      { type: 'excitement', params: { layer: 'first', filter: 2 } },
      { type: 'classActivation', params: { layer: 'first', index: 0, label: null } },
      { type: 'activeShare', params: { layer: 'first', filter: 2, steps: spread(stored) } },
      ...mergesOf('first', end),
    ],
  });
  return recording;
}
