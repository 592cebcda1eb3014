import type { ModelSpec } from '../common/modelSpec';
import { noModelError, type ReadFile } from './readFile';
import { UserError } from './userError';

/**
 * The model of a file to train: the one called `name`, else the first that can be trained.
 * @throws UserError when there is none.
 */
export function chooseModel(file: string, { source }: ReadFile, name: string | undefined): ModelSpec {
  if (source.models.length === 0) throw noModelError(file, source);
  const candidates = name === undefined ? source.models : source.models.filter((m) => m.name === name);
  if (candidates.length === 0)
    throw new UserError(file, 1, `defines no model ${name}; its models are ${source.models.map((m) => m.name).join(', ')}`);
  const model = candidates.find((m) => m.trainable) ?? candidates[0];
  if (model.trainable) return model;
  const reason = model.notes.find((n) => n.severity === 'error');
  throw new UserError(
    file,
    (reason?.range ?? model.range).startLine + 1,
    `${model.name} can be looked at but not trained: ${reason?.message ?? 'it has a part that is not supported'}`,
  );
}
