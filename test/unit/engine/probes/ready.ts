import type { DatasetInfo } from '../../../../src/common/dataSpec';
import type { Dataset } from '../../../../src/data/dataset';
import { Random } from '../../../../src/common/random';
import { Batches } from '../../../../src/engine/batches';
import type { CaptureWish, StepResult } from '../../../../src/engine/trainStep';
import { TrainStep } from '../../../../src/engine/trainStep';
import { copyWeights, type ProbeState } from '../../../../src/engine/probes/probeState';
import type { ProbeTarget } from '../../../../src/engine/probes/probeTarget';
import { networkFrom, type ReadyNetwork } from '../../../bench/networkFrom';

const TRAIN = 48;
const VALIDATION = 150;

/** A network in the middle of its training on random images, as probes see one. */
export interface Probed {
  ready: ReadyNetwork;
  target: ProbeTarget;
  step: TrainStep;
  batches: Batches;
  /** Takes the next step and keeps everything of it. */
  take(): Promise<StepResult>;
}

/** Builds the first model of a Keras source and takes `steps` steps. */
export async function probed(text: string, steps: number, batchSize = 6): Promise<Probed> {
  const ready = await networkFrom(text);
  const dataset = randomImages(ready);
  const batches = new Batches(dataset, { seed: 5, batchSize, isShuffled: true, isAugmented: false });
  const step = new TrainStep(ready.network, ready.optimizer);
  let taken = 0;
  let last: StepResult | null = null;
  const wish: CaptureWish = () => 'slots';
  const take = async (): Promise<StepResult> => {
    const batch = await batches.read(taken);
    taken++;
    return (last = step.run(batch, ready.optimizer.learningRateAt(taken - 1), taken, wish));
  };
  const state = (): Promise<ProbeState> => {
    if (!last) return Promise.resolve({ step: 1, kind: 'next', weights: copyWeights(ready.network.built.parameters), taken: null });
    const { steps: kept } = last;
    return Promise.resolve({
      step: taken,
      kind: 'last',
      weights: kept.map((s) => s.before),
      taken: { gradients: kept.map((s) => s.gradient), after: kept.map((s) => s.after) },
    });
  };
  const target: ProbeTarget = {
    network: ready.network,
    dataset,
    batches,
    state,
    get stepsTaken() {
      return taken;
    },
  };
  for (let i = 0; i < steps; i++) await take();
  return { ready, target, step, batches, take };
}

function randomImages({ geometry, network }: ReadyNetwork): Dataset {
  const size = geometry.imageShape.reduce((a, b) => a * b);
  const classes = Math.max(2, network.objective.units);
  const info: DatasetInfo = {
    name: 'random',
    description: '',
    isSynthetic: true,
    inputShape: geometry.imageShape,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
    trainCount: TRAIN,
    validationCount: VALIDATION,
    testCount: 0,
    notes: [],
  };
  return {
    info,
    maskSize: 0,
    read(split, indices, { inputs, labels }) {
      for (let i = 0; i < indices.length; i++) {
        const random = Random.stream(indices[i], split);
        labels[i] = random.integer(classes);
        // Something to learn: brighter where the class says so.
        for (let k = 0; k < size; k++) inputs[i * size + k] = random.uniform(0, k % classes === labels[i] ? 1.4 : 1);
      }
    },
    dispose() {},
  };
}

/** A Keras source of these layers. */
export function kerasSource(layers: string[], input: string, loss: string, optimizer = 'SGD(0.05, momentum=0.9)'): string {
  return `
from tensorflow.keras import Sequential, regularizers
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *
model = Sequential([Input(${input}), ${layers.join(', ')}])
model.compile(optimizer=${optimizer}, loss='${loss}')
`;
}
