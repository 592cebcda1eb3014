import type { ModelSource, Note, SourceRange } from '../../common/modelSpec';
import { KerasSession } from '../keras/session';
import { toModelSpec } from '../keras/toModelSpec';
import { Machine } from '../python/machine';
import { findTopology, isGraphModel } from './findTopology';
import { JsonSyntaxError, LocatedJson } from './locatedJson';
import { ModelRestorer } from './modelRestorer';
import { readTrainingConfig } from './trainingConfig';

/**
 * Reads a model from topology JSON: Keras 1, 2 and 3 `to_json`, TF.js `model.json`, the `config.json` of a `.keras` archive.
 * JSON that is something else gives no models and no notes.
 */
export function readTopology(text: string): ModelSource {
  // Most JSON files of a workspace are no models; they are not worth parsing.
  if (!/"(modelTopology|class_name)"/.test(text)) return { dialect: null, models: [], notes: [] };
  let root: LocatedJson;
  try {
    root = LocatedJson.parse(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return failed('invalid-json', `This is not valid JSON (${error.message}); save the model again.`, error.range);
  }
  const found = findTopology(root);
  if (!found) {
    if (isGraphModel(root)) {
      return failed(
        'graph-model',
        'This is a frozen TensorFlow graph, which has operations but no layers; convert the model with --output_format=tfjs_layers_model.',
        root.at('modelTopology')?.range ?? root.range,
      );
    }
    return { dialect: null, models: [], notes: [] };
  }
  const machine = new Machine([]);
  const session = new KerasSession(machine, 'topology-json');
  const model = new ModelRestorer(session).model(found.model);
  if (!model) return { dialect: null, models: [], notes: machine.notes };
  if (found.training) model.compileInfo = readTrainingConfig(session, found.training);
  return { dialect: 'topology-json', models: [toModelSpec(model, model.name, machine.notes, null)], notes: [] };
}

function failed(code: string, message: string, range: SourceRange): ModelSource {
  const note: Note = { severity: 'error', code, message, range };
  return { dialect: null, models: [], notes: [note] };
}
