import type { JsonValue } from '../../common/json';
import type { ModelSource, ModelSpec, Note, SourceRange } from '../../common/modelSpec';
import type { ParsedPython } from '../python/parsePython';
import { runProgram } from '../python/runProgram';
import type { Scope } from '../python/scope';
import type { Machine } from '../python/machine';
import { CompositeModel, isOnlyPart } from './composite';
import { KerasFrontend } from './frontend';
import { standaloneEra } from './kerasPath';
import { KerasModel, SequentialModel } from './model';
import { offerBuilders } from './offerBuilders';
import { looseNetwork } from './looseNetwork';
import { noteNothing } from './noteNothing';
import { selectModels } from './selectModels';
import { KerasSession } from './session';
import { toModelSpec } from './toModelSpec';
import { usualInput } from './usualInput';

/**
 * Reads the Keras models of a Python program.
 * @param text all of it and of what it imports, for telling the era it was written in
 */
export function readKeras(program: ParsedPython, text: string, machine: Machine): ModelSource {
  const session = new KerasSession(machine, standaloneEra(text));
  machine.frontends.push(new KerasFrontend(session));
  const scope = runProgram(program, machine);
  offerBuilders(session, scope);
  for (const model of session.models) if (model.layers.length > 0 && !isOnlyPart(model)) completeInput(model, session);
  const chosen = selectModels(session.models.filter((m) => !m.isImported || isTaken(m, scope)));
  const loose = chosen.length === 0 ? looseNetwork(session) : null;
  const models = loose ? [loose] : chosen;
  if (models.length === 0 && usesKeras(text)) noteNothing(session, scope);
  const specs = models.map((m) => specOf(m, machine.notes));
  const used = new Set(specs.flatMap((s) => s.notes));
  return { dialect: models.length > 0 ? session.dialect : null, models: specs, notes: machine.notes.filter((n) => !used.has(n)) };
}

/** Whether a program is about Keras at all: others need no word about models. */
function usesKeras(text: string): boolean {
  return /^[ \t]*(?:import|from)[ \t]+(?:keras|tensorflow|tf_keras)\b|\bkeras\b/m.test(text);
}

/** A model that an imported file makes by itself is the program's when the program names, compiles or fits it. */
function isTaken(model: KerasModel, scope: Scope): boolean {
  const isNamed = [...scope.own().values()].some((v) => (v.kind === 'host' ? v.object : v.kind === 'instance' ? v.host : null) === model);
  return isNamed || [model.compileInfo, model.fitInfo].some((info) => info !== null && info.range.file === undefined);
}

/** A sequential model without an input shape gets the one of the data it is fitted to, or an assumed one. */
function completeInput(model: KerasModel, session: KerasSession): void {
  const isOpen = (model instanceof SequentialModel || (model instanceof CompositeModel && !model.isPart)) && model.inputs.length === 0;
  if (!isOpen) return;
  const shape = model.fitInfo?.inputShape ?? null;
  const range = model.layers[0]?.source ?? model.source;
  if (!range) return;
  if (shape && !shape.slice(1).includes(null)) {
    session.inform(
      'input-shape-from-data',
      `The model has no input shape; (${shape.slice(1).join(', ')}) is taken from the data it is fitted to.`,
      range,
    );
    model.setInputShape(shape);
  } else {
    assumeInput(session, model, range);
  }
}

/** Inputs of all kinds, for models whose first layers don't say which one they take. */
const ANY_INPUT = [[28, 28, 1], [784], [16], [100, 16], [100], [20, 1]];

/** Builds a model on the first usual input shape that all its layers take, and says so. */
function assumeInput(session: KerasSession, model: SequentialModel | CompositeModel, range: SourceRange): void {
  const { machine } = session;
  const key = `${model.variable?.name ?? model.name}.input_shape`;
  const image = session.knownData?.image ?? [64, 64, 3];
  const first = usualInput(model.layers, image);
  const isTold = Object.hasOwn(machine.assumptions, key);
  const build = (shape: JsonValue): boolean => {
    const sizes = Array.isArray(shape) ? shape.map((n) => (typeof n === 'number' ? n : null)) : [];
    model.setInputShape([null, ...sizes]);
    return model.outputs.length > 0 && model.outputs.every((t) => t.shape !== null);
  };
  const fits = (shape: JsonValue): boolean => {
    const count = machine.notes.length;
    const isBuilt = machine.journal.tentatively(() => build(shape));
    machine.notes.length = count;
    return isBuilt;
  };
  const usual = isTold ? first : ([first, image, ...ANY_INPUT].find(fits) ?? first);
  const what = 'The first layer has no input shape (write input_shape=(…) there)';
  build(session.assume(key, usual, what, range));
}

function specOf(model: KerasModel, notes: Note[]): ModelSpec {
  const ranges = [model.source, ...model.layers.map((l) => l.source), model.compileInfo?.range, model.fitInfo?.range].filter(
    (r) => r !== null && r !== undefined,
  );
  const mine = notes.filter((n) => ranges.some((r) => contains(r, n.range)));
  return toModelSpec(model, model.variable?.name ?? model.name, mine, model.fitInfo?.data ?? null);
}

function contains(outer: SourceRange, inner: SourceRange): boolean {
  return (
    inner.cell === outer.cell &&
    inner.file === outer.file &&
    (inner.startLine > outer.startLine || (inner.startLine === outer.startLine && inner.startColumn >= outer.startColumn)) &&
    (inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn))
  );
}
