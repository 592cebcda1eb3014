import type { GradientSum, WeightPlace } from '../../src/common/probeProtocol';
import { Legend } from '../kernels/legend';
import type { PanelContext } from '../panel/context';
import { niceCeiling } from '../run/niceScale';
import { ProbePart } from '../sight/probePart';
import { stepWords } from '../sight/stepWords';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatSigned } from '../ui/format';
import { drawShares } from './drawShares';
import { formulaOf } from './gradientFormula';
import { GradientImages } from './gradientImages';

/** One weight's gradient as the sum that it is: which images and which positions made it. */
export class GradientPart {
  private readonly formula = element('code', { class: 'answer-formula' });
  private readonly text = element('p');
  private readonly cancelling = element('p', { class: 'hint' });
  private readonly bars = element('canvas', { class: 'shares', attributes: { role: 'img' } });
  private readonly barsCaption = element('p', { class: 'hint' });
  private readonly images: GradientImages;
  private readonly legend = new Legend();
  private readonly part: ProbePart<GradientSum>;
  private shares: Float32Array = new Float32Array(0);
  private drawn = '';

  constructor(
    private readonly context: PanelContext,
    place: () => WeightPlace,
  ) {
    this.images = new GradientImages(context);
    this.part = new ProbePart(
      context,
      {
        id: 'gradient',
        question: 'Where does this gradient come from?',
        hint: 'The sum that it is: which images and which places made it.',
        ask: (signal, at) => context.run.channel.call('gradientSum', { ...place(), ...at }, signal),
        show: (result) => this.show(result),
      },
      this.formula,
      this.text,
      this.cancelling,
      this.bars,
      this.barsCaption,
      this.images.root,
      this.legend.root,
    );
  }

  get root(): HTMLElement {
    return this.part.root;
  }

  draw(subject: string, step: number, isMoving: boolean): void {
    this.part.draw(subject, '', step, isMoving);
    const width = this.bars.clientWidth;
    const key = `${this.context.theme} ${width} ${devicePixelRatio}`;
    if (width === 0 || key === this.drawn) return;
    this.drawn = key;
    drawShares(this.bars, this.shares, this.context.theme);
  }

  private show(answer: GradientSum): void {
    const { layer, weight, theme } = this.context;
    const { about, value, sum, map, shares } = answer;
    const positions = map[0] * map[1];
    setText(this.formula, formulaOf(layer, weight, map));
    const terms = `${formatCount(about.images)} images${positions > 1 ? ` × ${formatCount(positions)} positions` : ''}`;
    setText(
      this.text,
      `In ${stepWords(about)} this weight was ${formatNumber(value, 5)} and its gradient ${formatSigned(sum, 7)}: a sum over ${terms}. X is what the weight is multiplied with, dY how much the loss changes with what comes out of the layer’s sums.${regularizationWords(answer)}${recordedWords(answer)}`,
    );
    setText(this.cancelling, cancellingWords(answer, positions));
    this.shares = shares;
    this.drawn = '';
    const up = shares.filter((s) => s > 0).length;
    const down = shares.filter((s) => s < 0).length;
    const words = `Each bar is one image’s share. ${up} of the ${shares.length} images want the weight smaller (positive, orange), ${down} want it larger (negative, blue): the step goes against the gradient.`;
    setText(this.barsCaption, words);
    setAttribute(this.bars, 'aria-label', words);
    const scale = niceCeiling(answer.images.reduce((m, i) => i.products.reduce((n, v) => Math.max(n, Math.abs(v)), m), 0));
    this.images.show(answer, scale, weight?.name === 'bias');
    setHidden(this.legend.root, positions < 2);
    this.legend.set(scale, theme, false, 'the products X · dY');
  }
}

function regularizationWords({ regularization }: GradientSum): string {
  return regularization === 0 ? '' : ` Regularisation adds ${formatSigned(regularization, 4)} of it.`;
}

/** How the sum, taken here in double precision, compares with what training computed. */
function recordedWords({ sum, recorded, sumOfSizes }: GradientSum): string {
  if (recorded === null) return '';
  if (Math.fround(sum) === recorded) return ' Training computed exactly this number.';
  const share = Math.abs(sum - recorded) / Math.max(sumOfSizes, Number.MIN_VALUE);
  return ` Training computed ${formatSigned(recorded, 7)} in float32: the difference is ${formatNumber(share, 1)} of the sizes that were added, which is rounding.`;
}

function cancellingWords({ sum, sumOfSizes }: GradientSum, positions: number): string {
  if (sumOfSizes === 0) return 'Every product is 0: nothing came in (X), or nothing that came out mattered (dY), as behind a dead relu.';
  const what = positions > 1 ? 'products' : 'shares';
  const ratio = sumOfSizes / Math.abs(sum);
  if (!Number.isFinite(ratio)) return `The ${what} cancel out exactly.`;
  return `The sizes of all ${what} together are ${formatNumber(sumOfSizes, 3)}, ${formatNumber(ratio, 2)} times the gradient: ${ratio > 3 ? 'most of it cancels out' : 'little of it cancels out'}.`;
}
