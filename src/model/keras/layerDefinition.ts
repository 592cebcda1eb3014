import type { JsonObject, JsonValue } from '../../common/json';
import type { Shape, WeightSpec } from '../../common/modelSpec';

/** What a layer makes of its inputs. */
export interface Built {
  outputs: Shape[];
  weights: WeightSpec[];
}

/** The layer inside a wrapper. */
export interface Buildable {
  build(inputs: Shape[]): Built;
  /** Weights of a model inside, which `build` leaves to its layers. */
  innerWeights?(): WeightSpec[];
}

/** One layer class of Keras. */
export interface LayerDefinition {
  className: string;
  /** In the order of the constructor's positional parameters; `undefined` has no default. */
  parameters: [name: string, defaultValue: JsonValue | undefined][];
  /** The positional parameters of Keras 1, in today's names except `nb_row`, `nb_col` and the like. */
  keras1?: string[];
  /** Takes a list of tensors. */
  isMerge?: boolean;
  /** It can be built and shown, but not trained: the reason, as a clause. */
  untrainable?: string;
  /** Output shapes and weights. @throws ShapeError */
  build(config: JsonObject, inputs: Shape[], inner: Buildable | null): Built;
}

/** A definition of a layer without weights. */
export function plain(
  className: string,
  parameters: LayerDefinition['parameters'],
  outputShape: (config: JsonObject, input: Shape, inputs: Shape[]) => Shape,
  more: Partial<LayerDefinition> = {},
): LayerDefinition {
  return {
    className,
    parameters,
    build: (config, inputs) => ({ outputs: [outputShape(config, inputs[0], inputs)], weights: [] }),
    ...more,
  };
}
