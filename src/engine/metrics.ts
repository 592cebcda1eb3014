/** One batch as metrics see it: predictions went through the last activation. All arrays are examples × units, row by row. */
export interface MetricBatch {
  count: number;
  units: number;
  /** Single predictions above it mean yes: 0.5 of probabilities, 0 of logits. */
  threshold: number;
  predictions: Float32Array;
  targets: Float32Array;
}

/**
 * A metric as running sums, so that a batch's and an epoch's value are computed alike and a checkpoint can keep what an
 * unfinished epoch has summed up.
 */
export interface Metric {
  /** Key in metrics rows. */
  name: string;
  /** How many sums it keeps. */
  size: number;
  add(batch: MetricBatch, sums: number[]): void;
  value(sums: readonly number[]): number;
}

const ratio = (sums: readonly number[]): number => sums[0] / sums[1];

/** The mean over examples of a number per example. */
function meanMetric(name: string, ofExample: (b: MetricBatch, row: number) => number): Metric {
  return {
    name,
    size: 2,
    add(batch, sums) {
      for (let i = 0; i < batch.count; i++) sums[0] += ofExample(batch, i * batch.units);
      sums[1] += batch.count;
    },
    value: ratio,
  };
}

function argMax(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[from + i] > values[from + best]) best = i;
  return best;
}

const ofUnits =
  (measure: (target: number, prediction: number, threshold: number) => number) =>
  ({ units, targets, predictions, threshold }: MetricBatch, row: number): number => {
    let total = 0;
    for (let i = row; i < row + units; i++) total += measure(targets[i], predictions[i], threshold);
    return total / units;
  };

// Keras: (prediction > threshold) equals the target. Hinge targets are -1 and 1.
const binary = ofUnits((t, p, threshold) => (p > threshold === t > 0 ? 1 : 0));
const categorical = ({ units, targets, predictions }: MetricBatch, row: number): number =>
  argMax(targets, row, units) === argMax(predictions, row, units) ? 1 : 0;
const topFive = ({ units, targets, predictions }: MetricBatch, row: number): number => {
  const right = predictions[row + argMax(targets, row, units)];
  let above = 0;
  for (let i = row; i < row + units; i++) if (predictions[i] > right) above++;
  return above < 5 ? 1 : 0;
};

/**
 * Keras's MeanIoU of the classes that are predicted: what target and prediction of a class have in common over what either has, averaged
 * over the classes that occur. One unit tells two classes apart, at the threshold.
 */
function meanIntersectionOverUnion(units: number): Metric {
  const classes = Math.max(2, units);
  const classOf = (values: Float32Array, row: number, threshold: number): number =>
    units > 1 ? argMax(values, row, units) : Number(values[row] > threshold);
  return {
    name: 'mean_io_u',
    size: 3 * classes,
    add({ count, targets, predictions, threshold }, sums) {
      for (let i = 0; i < count * units; i += units) {
        const [target, prediction] = [classOf(targets, i, 0.5), classOf(predictions, i, threshold)];
        if (target === prediction) sums[3 * target]++;
        sums[3 * target + 1]++;
        sums[3 * prediction + 2]++;
      }
    },
    value(sums) {
      const shares = Array.from({ length: classes }, (_, c) => {
        const [both, target, prediction] = sums.slice(3 * c, 3 * c + 3);
        return both / (target + prediction - both);
      }).filter(Number.isFinite);
      return shares.reduce((a, b) => a + b, 0) / shares.length;
    },
  };
}

/** True and false positives and false negatives over all units, at the threshold. */
function confusion(name: string, value: (tp: number, fp: number, fn: number) => number): Metric {
  return {
    name,
    size: 3,
    add({ predictions, targets, count, units, threshold }, sums) {
      for (let i = 0; i < count * units; i++) {
        const isPositive = predictions[i] > threshold;
        if (targets[i] > 0) sums[isPositive ? 0 : 2]++;
        else if (isPositive) sums[1]++;
      }
    },
    value: ([tp, fp, fn]) => value(tp, fp, fn),
  };
}
const share = (a: number, b: number): number => (a + b > 0 ? a / (a + b) : 0);

/**
 * A Keras metric by its name, or null when it is not one of those that are computed here. `accuracy` means binary accuracy for one
 * unit and categorical accuracy for several, as in Keras; sparse labels are one-hot by the time they come here.
 */
export function metricNamed(name: string, units: number): Metric | null {
  switch (name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()) {
    case 'acc':
    case 'accuracy':
      return meanMetric('accuracy', units === 1 ? binary : categorical);
    case 'binary_accuracy':
      return meanMetric('binary_accuracy', binary);
    case 'categorical_accuracy':
      return meanMetric('categorical_accuracy', categorical);
    case 'sparse_categorical_accuracy':
      return meanMetric('sparse_categorical_accuracy', categorical);
    case 'top_k_categorical_accuracy':
      return meanMetric('top_k_categorical_accuracy', topFive);
    case 'sparse_top_k_categorical_accuracy':
      return meanMetric('sparse_top_k_categorical_accuracy', topFive);
    case 'mse':
    case 'mean_squared_error':
      return meanMetric(
        name,
        ofUnits((t, p) => (p - t) ** 2),
      );
    case 'mae':
    case 'mean_absolute_error':
      return meanMetric(
        name,
        ofUnits((t, p) => Math.abs(p - t)),
      );
    case 'mean_io_u':
    case 'mean_iou':
    case 'one_hot_mean_io_u':
    case 'binary_io_u':
      return meanIntersectionOverUnion(units);
    case 'precision':
      return confusion('precision', (tp, fp) => share(tp, fp));
    case 'recall':
      return confusion('recall', (tp, _, fn) => share(tp, fn));
    default:
      return null;
  }
}
