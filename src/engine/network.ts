import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from './batches';
import type { BuiltModel } from './buildModel';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from './losses';
import { crossEntropy } from './ops/crossEntropy';
import type { MetricBatch } from './metrics';
import type { InputGeometry } from './modelShapes';
import type { Objective } from './objective';
import { copyValues } from './tensorMemory';

/** A built model with its objective: batches in, losses and predictions out. */
export class Network {
  private readonly loss: ReturnType<Objective['loss']>;

  constructor(
    readonly built: BuiltModel,
    readonly objective: Objective,
    private readonly geometry: InputGeometry,
  ) {
    this.loss = objective.loss(built.removedActivation !== null);
  }

  /** Mean loss with regularisation, as a tensor to differentiate, and the batch as metrics see it. Call in a tidy. */
  forward(batch: Batch, isTraining: boolean): { loss: tfc.Scalar; measured: MetricBatch } {
    const { model, regularization, removedActivation } = this.built;
    const { units } = this.objective;
    const targets = this.objective.targets(batch.labels, batch.inputs);
    const output = model.apply(this.input(batch), { training: isTraining }) as tfc.Tensor;
    const flat = tfc.reshape(output, [batch.count, units]) as tfc.Tensor2D;
    const predictions = copyValues(flat);
    if (removedActivation) activate(predictions, units, removedActivation);
    const mean = this.meanLoss(tfc.tensor2d(targets, [batch.count, units]), flat);
    const loss = regularization ? (tfc.add(mean, regularization()) as tfc.Scalar) : mean;
    return { loss, measured: { count: batch.count, units, predictions, targets } };
  }

  private meanLoss(target: tfc.Tensor2D, output: tfc.Tensor2D): tfc.Scalar {
    if (this.loss === softmaxCrossEntropy) return crossEntropy(target, output, 'softmax');
    if (this.loss === sigmoidCrossEntropy) return crossEntropy(target, output, 'sigmoid');
    return tfc.mean(this.loss(target, output));
  }

  private input({ inputs, count }: Batch): tfc.Tensor {
    const { imageShape, inputShape, isChannelsFirst } = this.geometry;
    if (!isChannelsFirst) return tfc.tensor(inputs, [count, ...inputShape]);
    return tfc.transpose(tfc.tensor(inputs, [count, ...imageShape]), [0, 3, 1, 2]);
  }
}

/** Softmax over rows, or sigmoid, in place. */
function activate(values: Float32Array, units: number, activation: 'softmax' | 'sigmoid'): void {
  if (activation === 'sigmoid') {
    for (let i = 0; i < values.length; i++) values[i] = 1 / (1 + Math.exp(-values[i]));
    return;
  }
  for (let row = 0; row < values.length; row += units) {
    let max = -Infinity;
    for (let i = row; i < row + units; i++) if (values[i] > max) max = values[i];
    let sum = 0;
    for (let i = row; i < row + units; i++) sum += values[i] = Math.exp(values[i] - max);
    for (let i = row; i < row + units; i++) values[i] /= sum;
  }
}
