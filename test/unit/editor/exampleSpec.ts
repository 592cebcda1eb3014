import type { LayerInfo, ModelSpec, SourceRange, WeightSpec } from '../../../src/common/modelSpec';

export const line = (startLine: number, startColumn = 0, endColumn = 40, endLine = startLine): SourceRange => ({
  startLine,
  startColumn,
  endLine,
  endColumn,
});

export function kernel(shape: number[]): WeightSpec {
  const receptive = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return {
    name: 'kernel',
    shape,
    fanIn: receptive * shape[shape.length - 2],
    fanOut: receptive * shape[shape.length - 1],
    initializer: { className: 'GlorotUniform', config: { seed: null } },
    trainable: true,
  };
}

export function bias(units: number): WeightSpec {
  return { name: 'bias', shape: [units], fanIn: units, fanOut: units, initializer: { className: 'Zeros', config: {} }, trainable: true };
}

export function layer(
  name: string,
  className: string,
  outputShape: LayerInfo['outputShape'],
  weights: WeightSpec[],
  source: SourceRange | null,
): LayerInfo {
  const params = weights.reduce((n, w) => n + w.shape.reduce((a, b) => a * b, 1), 0);
  return { name, className, config: {}, inputs: [], outputShape, params, trainableParams: params, weights, source };
}

/** Conv 4, flatten, dense 2 on 6 x 6 x 1, defined on lines 3 to 7. */
export function exampleSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const layers = [
    layer('conv2d', 'Conv2D', [null, 4, 4, 4], [kernel([3, 3, 1, 4]), bias(4)], line(4, 10)),
    layer('flatten', 'Flatten', [null, 64], [], line(5, 10)),
    layer('dense', 'Dense', [null, 2], [kernel([64, 2]), bias(2)], line(6, 10)),
  ];
  return {
    name: 'classifier',
    dialect: 'tf.keras',
    range: line(3),
    topology: { class_name: 'Sequential', config: {} },
    layers,
    totalParams: layers.reduce((n, l) => n + l.params, 0),
    inputShapes: [[null, 6, 6, 1]],
    outputShapes: [[null, 2]],
    training: {
      optimizer: { className: 'Adam', config: { learning_rate: 0.001 } },
      loss: { name: 'categorical_crossentropy', fromLogits: false, config: {} },
      metrics: ['accuracy'],
      epochs: 3,
      batchSize: 16,
      validationSplit: null,
      stepsPerEpoch: null,
      validationSteps: null,
      shuffle: null,
      compileRange: null,
      fitRange: line(8),
    },
    data: { kind: 'named', name: 'mnist', preprocessing: { rescale: 1 / 255 }, range: null },
    notes: [],
    trainable: true,
    ...changes,
  };
}
