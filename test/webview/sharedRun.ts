import { recordRun, type RecordedRun } from './recordRun';

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

/** The run that most tests look at; trained once per process. */
export function sharedRun(): Promise<RecordedRun> {
  recording ??= recordRun({ python: MODEL, options: { epochs: 2, batchSize: 16, limit: 240, seed: 3, backend: 'cpu' } });
  return recording;
}
