import { encodeFrame, frameKey } from '../common/frame';
import type { LayerInfo, ModelSpec, WeightSpec } from '../common/modelSpec';
import type { NamedTensor } from '../common/safetensors';

/** The room that knows initialisers, loaded on first use. */
export interface Initializers {
  /** The values that training starts from: the same for the same seed, layer and weight, whoever asks. */
  draw(seed: number, layer: string, weight: WeightSpec): Float32Array;
  /** Name, bound and meaning in one sentence. */
  describe(weight: WeightSpec): string;
}

/** More values than this are not drawn in passing: it would hold up the editor. */
export const MAX_DRAWN_VALUES = 1_500_000;
/** The pictures before training hold the first layers up to this many values. */
const MAX_FRAME_VALUES = 3_000_000;
const KEPT_LAYERS = 32;

/** Weights before training, drawn as the worker will draw them. */
export class InitialWeights {
  private readonly drawn = new Map<string, Map<string, Float32Array>>();

  constructor(private readonly load: () => Promise<Initializers>) {}

  /** Says in one sentence where a weight's values come from; an initialiser that is not known is named only. */
  async describer(): Promise<(weight: WeightSpec) => string> {
    const initializers = await this.load();
    return (weight) => {
      try {
        return initializers.describe(weight);
      } catch {
        return `${weight.initializer.className}, which is not known here`;
      }
    };
  }

  /** By weight name; weights that are too large, or whose initialiser is not known, are left out. */
  async drawLayer(layer: LayerInfo, seed: number): Promise<Map<string, Float32Array>> {
    const key = JSON.stringify([seed, layer.name, layer.weights]);
    const known = this.drawn.get(key);
    if (known) return known;
    const initializers = await this.load();
    const values = new Map<string, Float32Array>();
    for (const weight of layer.weights) {
      if (size(weight) > MAX_DRAWN_VALUES) continue;
      try {
        values.set(weight.name, initializers.draw(seed, layer.name, weight));
      } catch {
        // An initialiser that is not known: the reader's diagnostic says so at its line.
      }
    }
    this.drawn.set(key, values);
    for (const oldest of this.drawn.keys()) {
      if (this.drawn.size <= KEPT_LAYERS) break;
      this.drawn.delete(oldest);
    }
    return values;
  }

  /** An encoded frame of step 0, as a run with this seed begins; later layers are missing when the model is very large. */
  async frame(model: ModelSpec, seed: number): Promise<ArrayBuffer | null> {
    const tensors: NamedTensor[] = [];
    let total = 0;
    for (const layer of model.layers) {
      for (const weight of layer.weights) total += size(weight);
      if (total > MAX_FRAME_VALUES) break;
      const drawn = await this.drawLayer(layer, seed);
      for (const weight of layer.weights) {
        const values = drawn.get(weight.name);
        if (values) tensors.push({ name: frameKey('weight', layer.name, weight.name), shape: weight.shape, values });
      }
      // Between layers the editor gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const learningRate = Number(model.training.optimizer?.config.learning_rate ?? NaN);
    return tensors.length > 0 ? encodeFrame({ step: 0, epoch: 0, loss: NaN, learningRate, tensors }) : null;
  }
}

function size(weight: WeightSpec): number {
  return weight.shape.reduce((a, b) => a * b, 1);
}
