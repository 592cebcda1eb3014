import type { AtlasLayout } from '../../src/common/atlasLayout';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import type { Field } from '../run/fields';
import { initializerText, startDistribution } from '../run/initializerText';
import type { WeightView } from '../run/layerView';
import { formatNumber, formatPlural, formatShape } from '../ui/format';

/** Everything the sentences are made of. */
export interface Looked {
  layer: LayerInfo;
  weight: WeightSpec;
  view: WeightView;
  field: Field;
  step: number;
  seed: number | null;
  /** The weight file that the run started from; null: the initialisers' draw. */
  loadedFrom: string | null;
  learningRate: number;
  loss: number;
  optimizer: string;
  tiles: number;
  /** Mean absolute value of what is drawn, of the weights, and of the change since the start. */
  meanAbs: number;
  weightMeanAbs: number | null;
  changeMeanAbs: number | null;
  /** Tiles that are exactly zero all over. */
  zeroTiles: number;
  layout: AtlasLayout;
  /** The kernels look at the image itself, and it has red, green and blue. */
  isOnColours: boolean;
}

/** What somebody is looking at, in a plain sentence or two with the numbers of this moment. */
export function explain(looked: Looked): string {
  const { field, step, optimizer, learningRate, loss, meanAbs, weightMeanAbs, changeMeanAbs, tiles, zeroTiles } = looked;
  const what = things(looked);
  const start = startText(looked);
  switch (field) {
    case 'weight': {
      const moved =
        changeMeanAbs === null ? '' : `; ${formatPlural(step, 'step')} moved a weight by ${formatNumber(changeMeanAbs, 2)} on average`;
      return step === 0 ? `${what}, ${start}, before any image was seen.` : `${what}, ${start}${moved}.`;
    }
    case 'gradient': {
      const silent = zeroTiles > 0 ? ` ${zeroTiles} of ${tiles} got none from this batch.` : '';
      return `${what}: how steeply the loss of step ${step}’s batch (${formatNumber(loss, 3)}) rises with each weight. Growing an orange one makes the loss larger, so it gets pushed down; on average ${formatNumber(meanAbs, 2)}.${silent}`;
    }
    case 'update': {
      const share = weightMeanAbs ? `, ${formatNumber((meanAbs / weightMeanAbs) * 100, 2)} % of a weight’s average size` : '';
      return `${what}: what ${optimizer || 'the optimiser'} really added to each weight at step ${step}, with learning rate ${formatNumber(learningRate, 3)}. On average ${formatNumber(meanAbs, 2)}${share}.`;
    }
    case 'change':
      if (step === 0) return `${what}: nothing has changed yet, the run is at step 0.`;
      return `${what}: the weights after step ${step} minus those of step 0, which were ${start}. On average ${formatNumber(meanAbs, 2)}${weightMeanAbs ? `, where a weight’s average size is ${formatNumber(weightMeanAbs, 2)}` : ''}.`;
  }
}

/** What one tile of the picture is; empty where there are no tiles, or one is a kernel as it stands. */
export function explainTile({ layout, view, weight, isOnColours }: Pick<Looked, 'layout' | 'view' | 'weight' | 'isOnColours'>): string {
  const channels = view.kind === 'transpose' ? view.shape[view.shape.length - 1] : view.shape[view.shape.length - 2];
  const [kh, kw] = view.shape;
  const map = view.unfolded ? `the ${formatShape(view.unfolded)} map before it was made flat` : null;
  switch (layout.mode) {
    case 'channels':
      if (isOnColours) return `A tile is one ${view.item}: its ${kh} × ${kw} weights for red, for green and for blue, side by side.`;
      return `A tile is one ${view.item}: its ${channels} input channels as slices of ${kh} × ${kw}${map ? ` over ${map}` : ''}, channel 0 top left.`;
    case 'rgb':
      return 'A tile is one kernel as a colour picture of its three channels: mid-grey is 0, and a colour is what the kernel favours.';
    case 'mean':
      return `A tile is the mean over the ${view.item}’s ${channels} input channels; weights of opposite sign cancel out in it.`;
    case 'norm':
      return `A tile is the L2 norm over the ${view.item}’s ${channels} input channels: where it looks at, without sign.`;
    case 'strongest':
      return `A tile is the slice of the ${view.item}’s input channel with the largest norm, out of ${channels}.`;
    case 'matrix':
      return weight.shape[0] > weight.shape[1]
        ? 'Each row is a unit, inputs run across; long rows break into bands.'
        : 'Each column is a unit, inputs run down; wide maps break into bands.';
    default:
      return '';
  }
}

function things({ layer, weight, view, tiles }: Looked): string {
  if (view.unfolded) return `The incoming weights of ${formatPlural(tiles, 'unit')} of ${layer.name}`;
  if (view.item === 'kernel') return `${formatPlural(tiles, 'kernel')} of ${formatShape(kernelShape(view))} weights`;
  if (view.item === 'unit') return `${weight.shape[0]} inputs × ${weight.shape[1]} units of ${layer.name}`;
  return `${formatPlural(tiles, 'value')} of ${layer.name}’s ${weight.name}`;
}

function kernelShape({ shape, kind }: WeightView): number[] {
  if (kind === 'depthwise') return [...shape.slice(0, -2), 1];
  return kind === 'transpose' ? [...shape.slice(0, -2), shape[shape.length - 1]] : shape.slice(0, -1);
}

function startText({ weight, seed, loadedFrom }: Looked): string {
  if (loadedFrom !== null) return `loaded from ${loadedFrom}`;
  const law = startDistribution(weight);
  if (law?.kind === 'constant') return `all ${formatNumber(law.value)} at the start (${weight.initializer.className})`;
  return `drawn at random from ${initializerText(weight)}${seed === null ? '' : `, seed ${seed}`}`;
}
