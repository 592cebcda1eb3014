import type { LocatedJson } from './locatedJson';

/** Where a model stands in a JSON file. */
export interface FoundTopology {
  /** The object with `class_name` and `config`. */
  model: LocatedJson;
  /** What was saved of `compile()`, if anything. */
  training: LocatedJson | undefined;
  /** As written, `2.4.0` or `tfjs-layers 1.2.3`; null when it is not there. */
  kerasVersion: string | null;
}

const isModel = (json: LocatedJson | undefined): json is LocatedJson =>
  json?.at('class_name')?.text !== undefined && json.at('config') !== undefined;

/** Finds the model in what `to_json`, the TF.js converter, `save()` or a `.keras` archive's `config.json` wrote; null when there is none. */
export function findTopology(root: LocatedJson): FoundTopology | null {
  const outer = root.at('modelTopology') ?? root;
  const model = [outer.at('model_config'), outer, root.at('model_config')].find(isModel);
  if (!model) return null;
  const training =
    root.at('trainingConfig') ?? outer.at('training_config') ?? root.at('training_config') ?? model.at('compile_config') ?? undefined;
  const version = outer.at('keras_version')?.text ?? root.at('keras_version')?.text ?? model.at('keras_version')?.text ?? null;
  return { model, training: training?.isObject ? training : undefined, kerasVersion: version };
}

/** Whether a JSON file holds a TensorFlow graph, in which there are no layers any more. */
export function isGraphModel(root: LocatedJson): boolean {
  return root.at('format')?.text === 'graph-model' || root.at('modelTopology', 'node') !== undefined;
}
