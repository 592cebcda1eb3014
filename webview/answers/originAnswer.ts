import { frameKey } from '../../src/common/frame';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import { statistics } from '../../src/common/stats';
import { describeInitializer, type InitializerDescription } from '../../src/insight/initializers';
import { DistributionChart } from '../charts/distributionChart';
import type { PanelContext } from '../panel/context';
import { initializerText } from '../run/initializerText';
import { commandButton } from '../ui/controls';
import { element, setHidden, setText } from '../ui/dom';
import { formatCount, formatNumber, formatShape, formatSigned } from '../ui/format';
import { AnswerCard } from './answerCard';

const NO_VALUES = new Float32Array(0);

/** Who chose a weight's values: the initialiser's rule with this layer's numbers, beside what it really drew. */
export class OriginAnswer {
  readonly card: AnswerCard;
  private readonly rule = element('p');
  private readonly formula = element('code', { class: 'answer-formula' });
  private readonly fans = element('p', { class: 'hint' });
  private readonly drawn = element('p');
  private readonly chart = new DistributionChart(null);
  private readonly others = element('p', { class: 'hint' });
  private readonly again: HTMLElement;

  constructor(
    private readonly context: PanelContext,
    onToggle: (id: string, isOpen: boolean) => void,
  ) {
    this.card = new AnswerCard('origin', 'Who chose these numbers?', onToggle);
    const command = (label: string, onPress: () => void) => commandButton({ label, kind: 'secondary', onPress }).root;
    this.again = element(
      'div',
      { class: 'button-row' },
      command('Rewind to this draw', () => void context.perform('rewind', null)),
      command('Draw again with another seed', () => void context.perform('restartWithNewSeed', { seed: null })),
    );
    this.card.body.append(this.rule, this.formula, this.fans, this.drawn, this.chart.root, this.others, this.again);
  }

  draw(layer: LayerInfo, weight: WeightSpec): void {
    const { run } = this.context;
    const law = describe(weight);
    const learnt = weight.trainable ? 'then training moved them' : 'then the layer updated them itself';
    const loadedFrom = run.model?.loadedFrom;
    this.card.setShort(
      loadedFrom ? `This run loaded them from ${loadedFrom}; ${learnt}.` : `Nobody by hand: ${initializerText(weight)}; ${learnt}.`,
    );
    if (!this.card.root.open) return;
    const rule = law ? law.sentence : `${weight.initializer.className}, an initialiser that is not known here.`;
    setText(this.rule, loadedFrom ? `Without that file the initialiser would have drawn them. ${rule}` : rule);
    setHidden(this.formula, !law || law.substituted === law.name);
    if (law)
      setText(this.formula, law.substituted.startsWith('limit') || law.substituted.startsWith('std') ? `${law.formula}\n${tail(law)}` : '');
    setHidden(this.fans, this.formula.hidden);
    setText(this.fans, fanText(weight));
    const name = frameKey('weight', layer.name, weight.name);
    const start = run.first?.tensors.get(name)?.values;
    const now = run.shown?.tensors.get(name)?.values ?? start;
    setHidden(this.drawn, !start);
    setHidden(this.chart.root, !now || now.length < 8);
    const s = start && statistics(start);
    if (start && s) {
      const predicted =
        law && Number.isFinite(law.std) && law.std > 0 ? ` The formula predicts a standard deviation of ${formatNumber(law.std, 3)}.` : '';
      const numbers = `${formatCount(start.length)} values from ${formatSigned(s.min, 3)} to ${formatSigned(s.max, 3)}, mean ${formatSigned(s.mean, 2)}, standard deviation ${formatNumber(s.std, 3)}.`;
      const seed = run.seed === null ? '' : `Seed ${run.seed} drew `;
      setText(
        this.drawn,
        loadedFrom ? `The run began with ${numbers}` : `${seed}${numbers}${predicted} The same seed draws the same values again.`,
      );
    }
    if (now && now.length >= 8) this.chart.draw(weight, now, start, NO_VALUES, chartWords(`${layer.name}/${weight.name}`, now, start, law));
    const others = layer.weights
      .filter((w) => w !== weight)
      .map((w) => `${w.name.replaceAll('_', ' ')} [${w.shape.join(', ')}]: ${initializerText(w)}`);
    setHidden(this.others, others.length === 0);
    setText(this.others, `Also in this layer: ${others.join('; ')}.`);
    setHidden(this.again, run.status === null || run.status.phase === 'preparing');
  }
}

function describe(weight: WeightSpec): InitializerDescription | null {
  try {
    return describeInitializer(weight);
  } catch {
    return null;
  }
}

/** What the histograms show. */
function chartWords(name: string, now: Float32Array, start: Float32Array | undefined, law: InitializerDescription | null): string {
  const spread = (values: Float32Array) => {
    const { min, max, mean, std } = statistics(values);
    return `${formatSigned(min, 3)} to ${formatSigned(max, 3)}, mean ${formatSigned(mean, 2)}, standard deviation ${formatNumber(std, 3)}`;
  };
  const drawn = start ? ` At step 0: ${spread(start)}.` : '';
  return `Values of ${name} now: ${spread(now)}.${drawn}${law ? ` The initialiser’s formula: ${law.substituted}.` : ''}`;
}

/** `= √(6 / (9 + 288)) = 0.142134` */
function tail({ substituted }: InitializerDescription): string {
  return substituted.slice(substituted.indexOf('='));
}

function fanText({ shape, fanIn, fanOut }: WeightSpec): string {
  const spatial = shape.slice(0, -2);
  const kernel = spatial.length > 0 && shape.length === 4 ? `${formatShape(spatial)} × ` : '';
  const [inputs, outputs] = shape.slice(-2);
  if (spatial.length > 0 && (fanIn !== spatial.reduce((a, b) => a * b, 1) * inputs || shape.length !== 4)) {
    return `fan_in = ${formatCount(fanIn)}, fan_out = ${formatCount(fanOut)}.`;
  }
  return `fan_in = ${kernel}${inputs} = ${formatCount(fanIn)} numbers go into one output; fan_out = ${kernel}${outputs} = ${formatCount(fanOut)} outputs see one input.`;
}
