import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Batch } from './batches';
import { onBackend, useBackend } from './activeBackend';
import type { BuiltModel } from './buildModel';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from './losses';
import { crossEntropy } from './ops/crossEntropy';
import { lastRandomImageLayer } from './layers/randomImage';
import type { MetricBatch } from './metrics';
import type { InputGeometry } from './modelShapes';
import type { Objective } from './objective';

/** What a batch became on its way through the model. */
export interface ForwardPass {
  loss: tfc.Scalar;
  input: tfc.Tensor;
  target: tfc.Tensor;
  /** [examples, units], before the activation that was taken off the last layer; of the first output. */
  output: tfc.Tensor2D;
  /** All outputs, of which each is compared with the target. */
  outputs: tfc.Tensor2D[];
}

/** A built model with its objective: batches in, losses and predictions out. */
export class Network {
  private readonly loss: ReturnType<Objective['loss']>;
  private readonly changesImages: boolean;
  /** The layers up to the last one that changes images at random are computed on the processor. */
  private isBegunBesideGpu = false;

  constructor(
    readonly built: BuiltModel,
    readonly objective: Objective,
    private readonly geometry: InputGeometry,
  ) {
    this.loss = objective.loss(built.removedActivation !== null);
    const last = lastRandomImageLayer(built.model);
    this.changesImages = last !== null;
    if (last) {
      const call = last.call.bind(last);
      last.call = (inputs, kwargs) => {
        const y = call(inputs, kwargs);
        if (this.isBegunBesideGpu) useBackend('webgpu');
        return y;
      };
    }
  }

  /** Mean loss with regularisation, as a tensor to differentiate, and the tensors it was made of. Call in a tidy. */
  forward(batch: Batch, isTraining: boolean): ForwardPass {
    const { regularization, activity } = this.built;
    const { units } = this.objective;
    activity.clear();
    const { input, y } = this.apply(batch, isTraining);
    const target = tfc.tensor2d(this.objective.targets(batch), [batch.count, units]);
    const outputs = y.map((t) => tfc.reshape(t, [batch.count, units]) as tfc.Tensor2D);
    const means = outputs.map((output, i) => this.weighted(this.meanLoss(target, output), i));
    const terms = [...means, regularization?.(), activity.take()].filter((t) => t !== undefined && t !== null);
    const loss = (terms.length > 1 ? tfc.addN(terms) : terms[0]) as tfc.Scalar;
    return { loss, input, target, output: outputs[0], outputs };
  }

  /** The model's outputs for pixels [count, rows, columns, channels], outside training, as a function to differentiate. Call in a tidy. */
  infer(pixels: tfc.Tensor4D): tfc.Tensor2D {
    const { inputShape, isChannelsFirst } = this.geometry;
    const [count] = pixels.shape;
    const x = isChannelsFirst ? tfc.transpose(pixels, [0, 3, 1, 2]) : tfc.reshape(pixels, [count, ...inputShape]);
    const [output] = asArray(this.built.model.apply(x, { training: false }) as tfc.Tensor | tfc.Tensor[]);
    return tfc.reshape(output, [count, this.objective.units]) as tfc.Tensor2D;
  }

  /** The loss of each example, without regularisation. Call in a tidy. */
  exampleLosses({ target, outputs }: ForwardPass): tfc.Tensor1D {
    const losses = outputs.map((output, i) => {
      const perRow = this.loss(this.rows(target), this.rows(output));
      const [count] = output.shape;
      const perExample = perRow.size === count ? perRow : (tfc.mean(tfc.reshape(perRow, [count, -1]), 1) as tfc.Tensor1D);
      return this.weighted(perExample, i);
    });
    return losses.length > 1 ? (tfc.addN(losses) as tfc.Tensor1D) : losses[0];
  }

  /** A batch and the model's outputs for it, which are changed in place, as metrics see them. */
  measure(batch: Batch, predictions: Float32Array): MetricBatch {
    const { rowSize, isPerPixel, threshold } = this.objective;
    const { removedActivation } = this.built;
    if (removedActivation) activate(predictions, rowSize, removedActivation);
    const rows = isPerPixel ? predictions.length / rowSize : batch.count;
    return { count: rows, units: rowSize, threshold, predictions, targets: this.objective.targets(batch) };
  }

  /** What inner layers make of a batch, outside training. Call in a tidy. */
  activations(batch: Batch, layers: readonly string[]): tfc.Tensor[] {
    const { model } = this.built;
    const outputs = layers.map((name) => model.getLayer(name).output as tfl.SymbolicTensor);
    const inner = tfl.model({ inputs: model.inputs, outputs });
    return asArray(inner.apply(this.feed(batch).x, { training: false }) as tfc.Tensor | tfc.Tensor[]);
  }

  /** What the model makes of a batch, and the batch as a tensor. */
  private apply(batch: Batch, isTraining: boolean): { input: tfc.Tensor; y: tfc.Tensor[] } {
    const run = (): { input: tfc.Tensor; y: tfc.Tensor[] } => {
      const { input, x } = this.feed(batch);
      return { input, y: asArray(this.built.model.apply(x, { training: isTraining }) as tfc.Tensor | tfc.Tensor[]) };
    };
    if (!(isTraining && this.changesImages && tfc.getBackend() === 'webgpu')) return run();
    this.isBegunBesideGpu = true;
    try {
      return onBackend('wasm', run);
    } finally {
      this.isBegunBesideGpu = false;
    }
  }

  /** A batch as a tensor, and as the model takes it. */
  private feed(batch: Batch): { input: tfc.Tensor; x: tfc.Tensor } {
    const { imageShape, inputShape, isChannelsFirst } = this.geometry;
    const input = tfc.tensor(batch.inputs, [batch.count, ...(isChannelsFirst ? imageShape : inputShape)]);
    return { input, x: isChannelsFirst ? tfc.transpose(input, [0, 3, 1, 2]) : input };
  }

  /** A loss of output i times its weight. */
  private weighted<T extends tfc.Tensor>(loss: T, i: number): T {
    const weight = this.objective.weights[i];
    return weight === 1 ? loss : tfc.mul(loss, weight);
  }

  /** What the loss compares row by row: whole images, or the pixels of all of them. */
  private rows(values: tfc.Tensor): tfc.Tensor2D {
    const { rowSize } = this.objective;
    return values.shape[1] === rowSize ? (values as tfc.Tensor2D) : tfc.reshape(values, [-1, rowSize]);
  }

  private meanLoss(targets: tfc.Tensor, outputs: tfc.Tensor): tfc.Scalar {
    const [target, output] = [this.rows(targets), this.rows(outputs)];
    if (this.loss === softmaxCrossEntropy) return crossEntropy(target, output, 'softmax');
    if (this.loss === sigmoidCrossEntropy) return crossEntropy(target, output, 'sigmoid');
    return tfc.mean(this.loss(target, output));
  }
}

function asArray(made: tfc.Tensor | tfc.Tensor[]): tfc.Tensor[] {
  return Array.isArray(made) ? made : [made];
}

/** Softmax over rows of `units` values, or sigmoid, in place. */
export function activate(values: Float32Array, units: number, activation: 'softmax' | 'sigmoid'): void {
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
