import type { DataSpec } from '../../common/dataSpec';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { DataOrigin } from '../dataSets/dataOrigin';
import type { ArrayValue } from '../python/arrayValue';
import { Generator } from '../python/generator';
import type { Value } from '../python/value';
import { ImageFlow } from './imageFlow';

/** What a call of `fit` tells of its data. */
export interface DataUse {
  data: DataSpec | null;
  inputShape: Shape | null;
  labels: { classCount: number | null; isOneHot: boolean } | null;
  /** The program adds noise to the input, which is not done here. */
  isNoiseIgnored?: boolean;
}

/** Follows the values given to `fit` back to what the program loaded. */
export function dataOf(input: Value, labels: Value | undefined, validation: Value | undefined, range: SourceRange): DataUse {
  // A generator yields batches of both.
  if (input.kind === 'host' && input.object instanceof Generator) {
    const { first } = input.object;
    const [images, targets] = first.kind === 'tuple' || first.kind === 'list' ? first.items : [first];
    return dataOf(images, targets, validation, range);
  }
  const x = input.kind === 'list' || input.kind === 'tuple' ? input.items[0] : input;
  if (x?.kind === 'host' && x.object instanceof ImageFlow) return ofFlow(x.object, validation);
  if (x?.kind === 'array') return ofArray(x, labels, range);
  return { data: null, inputShape: null, labels: labels?.kind === 'array' ? labelsOf(labels) : null };
}

function ofFlow(flow: ImageFlow, validation: Value | undefined): DataUse {
  const data = flow.dataSpec();
  const other = validation?.kind === 'host' && validation.object instanceof ImageFlow ? validation.object.dataSpec() : null;
  if (other?.path !== undefined && other.path !== data.path) data.validationPath = other.path;
  const { classMode, classCount } = flow;
  return {
    data,
    inputShape: flow.imageShape ? [null, ...flow.imageShape] : null,
    labels: { classCount: classMode === 'binary' ? 2 : classCount, isOneHot: classMode === 'categorical' },
  };
}

function labelsOf(labels: ArrayValue): DataUse['labels'] {
  const isOneHot = labels.origin?.isOneHot ?? (labels.shape?.length === 2 && (labels.shape[1] ?? 0) > 1);
  return { classCount: isOneHot ? (labels.shape?.at(-1) ?? null) : (labels.classCount ?? null), isOneHot };
}

function ofArray(x: ArrayValue, labels: Value | undefined, range: SourceRange): DataUse {
  const inputShape: Shape | null = x.shape && x.shape.length > 1 ? [null, ...x.shape.slice(1)] : null;
  const source = x.origin?.source;
  // `fit(x_train, x_train)`: the images themselves are to come out.
  const isInput =
    labels?.kind === 'array' &&
    labels.origin?.role === 'input' &&
    x.origin?.source === labels.origin.source &&
    x.origin.cut === labels.origin.cut;
  const labelUse = labels?.kind === 'array' && !isInput ? labelsOf(labels) : null;
  if (source instanceof ImageFlow) return ofBatchesOf(source, x, inputShape, labelUse);
  if (!x.origin || !(source instanceof DataOrigin)) return { data: null, inputShape, labels: labelUse };
  const { scale, offset } = x.origin;
  const data: DataSpec = {
    ...source.spec,
    preprocessing: { rescale: scale, ...(offset !== 0 ? { mean: [-offset], std: [1] } : {}) },
    range: source.spec.range ?? range,
  };
  if (
    inputShape &&
    inputShape.length === 4 &&
    inputShape[1] !== null &&
    inputShape[2] !== null &&
    inputShape[3] !== 1 &&
    data.kind !== 'named'
  ) {
    data.targetSize = [inputShape[1], inputShape[2]];
  }
  if (isInput) data.classMode = 'input';
  if (labelUse) data.classMode = labelUse.isOneHot ? 'categorical' : 'sparse';
  return { data, inputShape, labels: labelUse, isNoiseIgnored: x.origin.isNoisy === true };
}

/** Batches of a flow that the program takes one by one, and may scale itself. */
function ofBatchesOf(flow: ImageFlow, x: ArrayValue, inputShape: Shape | null, labels: DataUse['labels']): DataUse {
  const data = flow.dataSpec();
  const scale = x.origin?.scale ?? 1;
  if (scale !== 1) data.preprocessing.rescale = (data.preprocessing.rescale ?? 1) * scale;
  return { data, inputShape, labels };
}
