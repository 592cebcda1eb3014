import * as tfc from '@tensorflow/tfjs-core';
import type { Excitement, ExcitingImage, ProbeCalls } from '../../common/probeProtocol';
import { copyValues } from '../tensorMemory';
import { channelAxis, interceptLayer, isBehind, layerAt } from './interceptLayer';
import { mapsOf, pictureOf } from './kernelSight';
import { breathe, tidied, withWeights } from './probeState';
import { networkAt, type ProbeTarget } from './probeTarget';
import { countOf, heldOut, range, readImages } from './sampleImages';

const SEARCHED = 1024;
const BATCH = 64;
const SHOWN = 8;
const ITERATIONS = 80;
/** Large models get fewer iterations, so that the answer comes in about this time. */
const BUDGET_MS = 8000;

/**
 * The real images that a kernel answers most strongly to, and one drawn for it: gradient ascent on the pixels (Erhan et al. 2009) for the
 * one output in the middle of its map, without anything that would make it look natural.
 */
export async function excitement(
  target: ProbeTarget,
  { layer: path, filter, step: at }: ProbeCalls['excitement']['params'],
  signal: AbortSignal,
): Promise<Excitement> {
  const { network, dataset } = target;
  const layer = layerAt(network.built.model, path);
  const split = heldOut(dataset);
  const searched = Math.min(SEARCHED, countOf(dataset, split));
  const { step, weights, isWhole } = await networkAt(target, at, isBehind(layer, path));
  const objective = isWhole ? network.objective : null;
  const within = <T>(use: () => T): T => withWeights(network.built, weights, step, () => tidied(use));
  let [low, high] = [Infinity, -Infinity];
  let found: ExcitingImage[] = [];
  let map: [number, number] = [1, 1];
  for (let from = 0; from < searched; from += BATCH) {
    const batch = await readImages(dataset, split, range(from, Math.min(BATCH, searched - from)));
    await breathe(signal);
    for (const v of batch.inputs) [low, high] = [Math.min(low, v), Math.max(high, v)];
    within(() => {
      let maps: Float32Array[] = [];
      const look = (y: tfc.Tensor): tfc.Tensor => {
        ({ map, maps } = mapsOf(layer, y, filter, path));
        return y;
      };
      const { output } = interceptLayer(layer, look, () => network.forward(batch, false));
      const { predictions } = network.measure(batch, copyValues(output));
      maps.forEach((values, i) => {
        const best = values.reduce((b, v, k) => (v > values[b] ? k : b), 0);
        if (found.length >= SHOWN && values[best] <= found[found.length - 1].value) return;
        const place = { value: values[best], row: Math.floor(best / map[1]), column: best % map[1] };
        found = [...found, { ...pictureOf(batch, i, from + i, predictions, objective), values, ...place }]
          .sort((a, b) => b.value - a.value)
          .slice(0, SHOWN);
      });
    });
  }
  // An answer of nothing is no excitement.
  const images = found.filter((image, i) => i === 0 || image.value > 0);
  const drawn = await draw();
  return { step, split, searched, imageShape: dataset.info.inputShape, map, images, drawn };

  async function draw(): Promise<Excitement['drawn']> {
    const size = dataset.info.inputShape;
    const length = size.reduce((a, b) => a * b, 1);
    const middle = { row: Math.floor(map[0] / 2), column: Math.floor(map[1] / 2) };
    const grey = new Float32Array(length).fill((low + high) / 2);
    const starts = [
      { begunFrom: 'grey' as const, pixels: grey, ...middle },
      { begunFrom: 'image' as const, pixels: found[0].pixels, row: found[0].row, column: found[0].column },
    ];
    for (const { begunFrom, pixels: start, row, column } of starts) {
      const pixels = start.slice();
      const look = () => within(() => outputAndSlope(pixels, row, column));
      let { value, slope } = look();
      const before = value;
      const started = performance.now();
      let iterations = 0;
      for (; iterations < ITERATIONS && performance.now() - started < BUDGET_MS; iterations++) {
        const steepness = Math.sqrt(slope.reduce((s, g) => s + g * g, 0) / slope.filter((g) => g !== 0).length);
        if (!(steepness > 0)) break;
        // Large steps first; by the last ones what wavers has settled.
        const rate = (0.1 * (high - low) * (1 - iterations / ITERATIONS)) / steepness;
        for (let i = 0; i < length; i++) pixels[i] = Math.min(high, Math.max(low, pixels[i] + rate * slope[i]));
        await breathe(signal);
        ({ value, slope } = look());
      }
      if (value > before) return { pixels, row, column, before, value, iterations, begunFrom };
    }
    return null;
  }

  /** The output at a position, and its derivative by every pixel. */
  function outputAndSlope(pixels: Float32Array, row: number, column: number): { value: number; slope: Float32Array } {
    let one: tfc.Tensor | null = null;
    const pick = (y: tfc.Tensor): tfc.Tensor => {
      const axis = channelAxis(layer, y.rank);
      const places = y.rank === 4 ? [row, column] : [column];
      const begin = y.shape.map((_, i) => (i === 0 ? 0 : i === axis ? filter : (places.shift() ?? 0)));
      const size = y.shape.map(() => 1);
      // The layer's own tidy would free it.
      one ??= tfc.keep(tfc.slice(y, begin, size));
      return y;
    };
    const output = (x: tfc.Tensor): tfc.Scalar => {
      interceptLayer(layer, pick, () => network.infer(x as tfc.Tensor4D));
      return tfc.sum(one!) as tfc.Scalar;
    };
    const x = tfc.tensor(pixels, [1, ...dataset.info.inputShape]);
    const { value, grad } = tfc.valueAndGrad(output)(x);
    const found = { value: copyValues(value)[0], slope: copyValues(grad) };
    tfc.dispose(one!);
    return found;
  }
}
