import type { GradientImage, GradientSum, WeightPlace } from '../../common/probeProtocol';
import type { Batch } from '../batches';
import { withWeights } from './probeState';
import { parameterOf, wholeState, type ProbeTarget } from './probeTarget';
import { termsRequest, watchGradient } from './watchGradient';
import { regularizationGradient, weightGradient } from './weightGradient';
import type { WeightTerms } from './weightTerms';

/** Images that are shown with their pictures. */
const SHOWN = 8;

/**
 * One weight's gradient as the sum of X · dY over images and positions of the step's batch, computed from the operands of the backward
 * pass itself.
 * @throws Error when the weight's gradient is no such sum.
 */
export async function gradientSum(
  target: ProbeTarget,
  { layer, weight, offset, step: at }: WeightPlace,
  signal: AbortSignal,
): Promise<GradientSum> {
  const { network, batches, dataset } = target;
  const { parameter, index } = parameterOf(target, layer, weight);
  const request = termsRequest(parameter, offset);
  const state = await wholeState(target, at);
  const batch = await batches.batchOf(state.step - 1);
  signal.throwIfAborted();
  const { terms, regularization } = withWeights(network.built, state.weights, state.step, () => ({
    ...watchGradient(layer, batch.count, request, () => weightGradient(network, batch, parameter, offset)),
    regularization: regularizationGradient(network, parameter, offset),
  }));
  if (terms.length === 0) throw new Error(`${layer} was not reached by the backward pass: no gradient flows to it.`);
  const products = joined(terms);
  const { shares, sumOfSizes } = sumUp(products, batch.count);
  const sum = shares.reduce((a, b) => a + b, 0) + regularization;
  return {
    about: { step: state.step, kind: state.kind, images: batch.count },
    value: state.weights[index][offset],
    sum,
    recorded: state.taken?.gradients[index]?.[offset] ?? null,
    regularization,
    shares: Float32Array.from(shares),
    sumOfSizes,
    map: [products.rows, products.columns],
    imageShape: dataset.info.inputShape,
    images: largest(shares).map((place) => imageOf(place, shares[place], products, batch, batches.indicesOf(state.step - 1))),
  };
}

/** Terms of several uses of a layer side by side: they count as more columns. */
function joined(terms: WeightTerms[]): WeightTerms {
  if (terms.length === 1) return terms[0];
  const [{ images }] = terms;
  const columns = terms.reduce((n, t) => n + t.rows * t.columns, 0);
  const all: WeightTerms = { images, rows: 1, columns, x: new Float32Array(images * columns), dy: new Float32Array(images * columns) };
  for (let image = 0; image < images; image++) {
    let at = image * columns;
    for (const t of terms) {
      const size = t.rows * t.columns;
      all.x.set(t.x.subarray(image * size, (image + 1) * size), at);
      all.dy.set(t.dy.subarray(image * size, (image + 1) * size), at);
      at += size;
    }
  }
  return all;
}

function sumUp({ x, dy }: WeightTerms, images: number): { shares: number[]; sumOfSizes: number } {
  const size = x.length / images;
  let sumOfSizes = 0;
  const shares = Array.from({ length: images }, (_, image) => {
    let sum = 0;
    for (let i = image * size; i < (image + 1) * size; i++) {
      const product = x[i] * dy[i];
      sum += product;
      sumOfSizes += Math.abs(product);
    }
    return sum;
  });
  return { shares, sumOfSizes };
}

function largest(shares: number[]): number[] {
  return shares
    .map((_, i) => i)
    .sort((a, b) => Math.abs(shares[b]) - Math.abs(shares[a]) || a - b)
    .slice(0, SHOWN);
}

function imageOf(place: number, share: number, terms: WeightTerms, batch: Batch, indices: ArrayLike<number>): GradientImage {
  const size = terms.rows * terms.columns;
  const pixels = batch.inputs.length / batch.count;
  const from = place * size;
  const products = Float32Array.from({ length: size }, (_, i) => terms.x[from + i] * terms.dy[from + i]);
  const best = products.reduce((at, v, i) => (Math.abs(v) > Math.abs(products[at]) ? i : at), 0);
  return {
    place,
    index: indices[place],
    label: batch.labels[place],
    pixels: batch.inputs.slice(place * pixels, (place + 1) * pixels),
    share,
    products,
    strongest: {
      row: Math.floor(best / terms.columns),
      column: best % terms.columns,
      x: terms.x[from + best],
      dy: terms.dy[from + best],
      product: products[best],
    },
  };
}
