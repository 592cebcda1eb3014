import type { ModelSpec } from '../common/modelSpec';
import type { TrainOptions } from '../common/run';

/** Keras's own defaults for what a file does not say. */
const KERAS_EPOCHS = 1;
const KERAS_BATCH_SIZE = 32;

/** A run's options: what was asked for, else what the file says, else Keras's defaults. */
export function trainOptions(
  spec: ModelSpec,
  asked: Partial<TrainOptions>,
  fallback: { seed: number; backend: TrainOptions['backend'] },
): TrainOptions {
  return {
    seed: asked.seed ?? fallback.seed,
    epochs: asked.epochs ?? spec.training.epochs ?? KERAS_EPOCHS,
    batchSize: asked.batchSize ?? spec.training.batchSize ?? spec.data.batchSize ?? KERAS_BATCH_SIZE,
    learningRate: asked.learningRate ?? null,
    maxSteps: asked.maxSteps ?? null,
    limit: asked.limit ?? null,
    backend: asked.backend ?? fallback.backend,
    ...(asked.initialWeights && { initialWeights: asked.initialWeights }),
  };
}
