import { frameKey, type Frame } from '../common/frame';
import type { KernelAnalysis } from '../common/kernelAnalysis';
import type { LayerInfo, WeightSpec } from '../common/modelSpec';
import { describeInitializer } from '../insight/initializers';
import { escapeHtml, readable } from './html';
import { drawnKernels, kernelImage, sharedScale, type PictureLimits } from './kernelImage';

/** Analyses kernels [kh, kw, cin, filters]; in VS Code in a thread of its own. */
export type Analyse = (values: Float32Array, shape: number[]) => Promise<KernelAnalysis>;

/** Comparing more weights with one another than this takes too long for a report. */
const MAX_ANALYSED = 4_000_000;

/** The layers of whose kernels a report has pictures. */
export function pictured(layers: readonly LayerInfo[]): { layer: LayerInfo; weight: WeightSpec }[] {
  return layers.flatMap((layer) => {
    const weight = layer.weights.find((w) => w.shape.length >= 3 && w.shape.length <= 5);
    return weight ? [{ layer, weight }] : [];
  });
}

/**
 * One layer: where its kernels began, what they became, and what that is worth beside chance.
 * @param loadedFrom the file that the run's weights began from; null: the initialisers' draw
 */
export async function layerPart(
  { layer, weight }: { layer: LayerInfo; weight: WeightSpec },
  first: Frame | null,
  last: Frame,
  analyse: Analyse,
  limits: PictureLimits,
  loadedFrom: string | null,
): Promise<string> {
  const of = (frame: Frame | null) => frame?.tensors.get(frameKey('weight', layer.name, weight.name))?.values ?? null;
  const [start, end] = [of(first), of(last)];
  const title = `<h3>${escapeHtml(layer.name)} <span class="quiet">${escapeHtml(layer.className)}, ${escapeHtml(weight.name)} [${weight.shape.join(', ')}]</span></h3>`;
  if (!end) return `${title}<p class="quiet">The run’s frames do not hold these weights: they are too many to be stored at every step.</p>`;
  const isSame = last.step === 0 || !start;
  const scale = sharedScale(layer, weight, start ? [start, end] : [end], limits);
  const image = (values: Float32Array, when: string) =>
    `<figure><figcaption class="quiet">${escapeHtml(when)}</figcaption>${kernelImage(layer, weight, values, scale, limits, `Kernels of ${layer.name}, ${when}`)}</figure>`;
  const drawn = drawnKernels(layer, weight, limits);
  const all = weight.shape.length === 4 && !/depthwise/.test(weight.name) ? weight.shape[3] : drawn;
  const begun = `as ${loadedFrom ? 'loaded' : 'drawn'}, step 0`;
  const pictures = [start && !isSame ? image(start, begun) : '', image(end, last.step === 0 ? begun : `after step ${last.step}`)];
  const sentences = await insights(layer, weight, isSame ? null : start, end, analyse, loadedFrom ? 'start' : 'random start');
  return `${title}
<p>${escapeHtml(loadedFrom ? `Loaded from ${loadedFrom}.` : startText(weight))}${start && !isSame ? ` ${escapeHtml(movedText(start, end))}` : ''}</p>
<div class="kernels">${pictures.join('')}</div>
<p class="quiet">${isSame ? 'Blue' : 'One scale for both: blue'} is −${readable(scale)}, orange +${readable(scale)}.${drawn < all ? ` The first ${drawn} of ${all} kernels are drawn.` : ''}</p>
${sentences.map((s) => `<p>${escapeHtml(s)}</p>`).join('\n')}${sentences.length > 0 ? `<p class="quiet">Computed from the weights after step ${last.step}.</p>` : ''}`;
}

async function insights(
  layer: LayerInfo,
  weight: WeightSpec,
  start: Float32Array | null,
  end: Float32Array,
  analyse: Analyse,
  startWords: string,
): Promise<string[]> {
  const isPlain = layer.className === 'Conv2D' && weight.shape.length === 4 && weight.shape[3] > 1;
  if (!isPlain) return [];
  if (end.length > MAX_ANALYSED) return ['There are too many weights to compare the kernels with one another in a report.'];
  const { summary: now } = await analyse(end, weight.shape);
  const before = start ? (await analyse(start, weight.shape)).summary : null;
  const n = weight.shape[3];
  return [
    now.sentence,
    ...(now.colours ? [now.colours.sentence] : []),
    `They count as ${readable(now.effectiveKernels, 3)} of ${n} different kernels (exponential of the entropy of their cosines’ eigenvalues)` +
      (before ? `; the ${startWords} counted as ${readable(before.effectiveKernels, 3)}` : '') +
      `, and as many random ones would as ${readable(now.chanceEffectiveKernels, 3)}.` +
      ` Their mean |cosine| is ${readable(now.meanAbsCosine, 3)}, that of random kernels of this size ${readable(now.chanceMeanAbsCosine, 3)}.`,
  ];
}

function startText(weight: WeightSpec): string {
  try {
    return describeInitializer(weight).sentence;
  } catch {
    return `Drawn by ${weight.initializer.className}.`;
  }
}

function movedText(start: Float32Array, end: Float32Array): string {
  let [dot, a, b, moved] = [0, 0, 0, 0];
  for (let i = 0; i < end.length; i++) {
    dot += start[i] * end[i];
    a += start[i] ** 2;
    b += end[i] ** 2;
    moved += Math.abs(end[i] - start[i]);
  }
  const cosine = a > 0 && b > 0 ? dot / Math.sqrt(a * b) : NaN;
  return `Since then a weight has moved by ${readable(moved / end.length, 3)} on average; the layer’s cosine to its start is ${readable(cosine, 3)}.`;
}
