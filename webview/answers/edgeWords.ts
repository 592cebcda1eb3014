import type { KernelFinding } from '../../src/common/kernelAnalysis';
import { classByChance } from '../../src/insight/classByChance';
import { nearestByChance } from '../../src/insight/cosineByChance';
import { formatNumber } from '../ui/format';
import type { AnalysedKernels } from './analysedKernels';

const ARROWS = ['→', '↘', '↓', '↙', '←', '↖', '↑', '↗'];

/** The direction in which an edge filter's weights rise, as an arrow. */
export function edgeArrow(orientation: number): string {
  return ARROWS[(Math.round(orientation / (Math.PI / 4)) + 8) % 8];
}

/** `1 in 240`: how many random kernels score as well. */
export function chanceWords(chance: number): string {
  if (chance <= 0) return 'none';
  return chance > 0.5 ? `${formatNumber(chance * 100, 2)} %` : `1 in ${formatNumber(1 / chance, chance > 0.1 ? 2 : 3)}`;
}

/** How many random kernels are expected to be something. */
export function expectedWords(count: number): string {
  return count > 0 && count < 0.001 ? 'next to 0' : formatNumber(count, 2);
}

const CLASS_WORDS: Record<KernelFinding['kernelClass'], string> = {
  edge: 'An edge filter',
  line: 'A line or centre-surround filter',
  gabor: 'A Gabor filter: stripes under a window',
  colour: 'A colour-opponent filter: one colour against another',
  blob: 'A blob: its weights are mostly of one sign',
  flat: 'Flat: its weights are next to nothing beside the layer’s largest',
  none: 'Neither edge nor line nor blob',
};

/** What the best Gabor function is like, where that is what the kernel is. */
export function gaborWords({ kernelClass, gabor }: KernelFinding): string {
  if (kernelClass !== 'gabor' || !gabor) return '';
  return ` The stripes run ${stripeArrow(gabor.theta)} and repeat every ${formatNumber(gabor.wavelength, 2)} pixels; such a function explains ${formatNumber(gabor.score * 100, 2)} % of it, as well as in at most ${chanceWords(gabor.chance)} random kernels.`;
}

/** Along the stripes, which lie across the direction of the wave. */
function stripeArrow(theta: number): string {
  return ['↕', '⤢', '↔', '⤡'][Math.round(theta / (Math.PI / 4)) % 4];
}

/** How much of a kernel tells colours apart, where that is what it is. */
export function colourWords({ kernelClass, colour }: KernelFinding): string {
  if (kernelClass !== 'colour' || !colour) return '';
  return ` ${formatNumber(colour.share * 100, 2)} % of its energy is in differences between the channels, mostly ${colour.axis}; of random kernels, whose share is 67 % on average, ${chanceWords(colour.chance)} has as much.`;
}

/** How many random kernels are called alike, for classes that have no measure of their own further on. */
function classChanceWords({ kernelClass }: KernelFinding, shape: readonly number[]): string {
  if (kernelClass === 'edge' || kernelClass === 'gabor' || kernelClass === 'colour') return '';
  const chance = classByChance(kernelClass, shape);
  if (chance <= 0) return ', as no random kernel would be beside others drawn alike';
  return chance > 0.5
    ? `, as ${formatNumber(chance * 100, 2)} % of random kernels are`
    : `, as about 1 random kernel in ${formatNumber(1 / chance, 2)} is`;
}

/** What a kernel is, in one or two sentences, beside chance. `count`: of the layer's kernels. */
export function kernelWords(
  finding: KernelFinding,
  { shape, hasEdges, item }: Pick<AnalysedKernels, 'shape' | 'hasEdges' | 'item'>,
  count: number,
): string {
  const parts: string[] = [];
  if (hasEdges) {
    const arrow = finding.orientation === null ? '' : ` rising towards ${edgeArrow(finding.orientation)}`;
    parts.push(
      `${CLASS_WORDS[finding.kernelClass]}${arrow}${classChanceWords(finding, shape)}.${gaborWords(finding)}${colourWords(finding)} A tilted plane explains ${formatNumber(finding.edgeScore * 100, 2)} % of it; of random kernels ${chanceWords(finding.chance)} ${finding.chance <= 0 || finding.chance > 0.5 ? 'do' : 'does'} as well.`,
    );
  }
  const { nearest } = finding;
  if (nearest) {
    const kind = nearest.cosine < 0 ? 'most alike, turned negative' : 'most alike';
    const chance = nearestByChance(
      count,
      shape.slice(0, -1).reduce((a, b) => a * b, 1),
    );
    const random =
      chance === null ? '' : `; of as many random ones the nearest would be at about ${formatNumber(chance, 2)}, whatever its sign`;
    parts.push(`Of the others ${item} ${nearest.index} is ${kind} (cosine ${formatNumber(nearest.cosine, 2)}${random}).`);
  }
  return parts.join(' ');
}
