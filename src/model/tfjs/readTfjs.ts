import type { ModelSource, ModelSpec, Note, SourceRange } from '../../common/modelSpec';
import type { JsonValue } from '../../common/json';
import { KerasModel, SequentialModel } from '../keras/model';
import { KerasSession } from '../keras/session';
import { toModelSpec } from '../keras/toModelSpec';
import { BudgetExceeded, Machine } from '../python/machine';

import { usualConstant } from './usualConstant';
import { pageScripts } from './pageScripts';
import { parseScript, type ParsedScript } from './parseScript';
import { ScriptEvaluator } from './scriptEvaluator';
import { ScriptThrow, executeBlock } from './scriptStatements';
import { readUncalled } from './uncalled';
import { TfLibrary, type Training } from './tfLibrary';

/** Whether a script is written for TensorFlow.js's layers. */
export function isTfjs(text: string): boolean {
  return /@tensorflow\/tfjs|\btf[lc]?\s*\.\s*(layers|sequential|model)\b|tensorflow.*tfjs|\btf\.min\.js/.test(text);
}

/** Minified or of a size that nobody writes by hand: parsing it would take a second. */
function isBundle(text: string): boolean {
  return text.length > 800_000 || (text.length > 50_000 && text.length / text.split('\n').length > 400);
}

/** Reads the models of a TensorFlow.js program: a script, a TypeScript file or the scripts of a page. Nothing in it is run. */
export async function readTfjs(path: string, text: string, assumptions: Readonly<Record<string, JsonValue>>): Promise<ModelSource> {
  if (isBundle(text)) {
    const message = 'This script is a bundle or a library, too large to be read for models; open the source it was made from.';
    return { dialect: null, models: [], notes: [{ severity: 'info', code: 'bundled-script', message, range: NOWHERE }] };
  }
  const texts = /\.html?$/i.test(path) ? pageScripts(text) : [text];
  const scripts = await Promise.all(texts.map((t) => parseScript(t, /\.html?$/i.test(path) ? 'page.js' : path)));
  return readScripts(scripts, text, assumptions);
}

function readScripts(scripts: ParsedScript[], text: string, assumptions: Readonly<Record<string, JsonValue>>): ModelSource {
  const machine = new Machine([], assumptions);
  const session = new KerasSession(machine, 'tfjs');
  const library = new TfLibrary(session, (module, name, site) => usualConstant(session, module, name, site));
  const evaluator = new ScriptEvaluator(machine, library);
  library.builder = () => evaluator.running.findLast((n) => n !== '' && n !== 'constructor') ?? null;
  for (const script of scripts) {
    for (const range of script.errors)
      machine.note('warning', 'syntax-error', "This is not valid JavaScript; it is left out when the file's models are read.", range);
    runScript(evaluator, script);
  }
  readUncalled(evaluator, library, text);
  const models = distinct(session.models.filter((m) => m.layers.length > 0 && !isPart(m, session.models)));
  for (const model of models) noteMissingInput(session, model);
  if (models.length === 0) machine.note('info', 'no-model', 'This script builds no model of layers that could be read.', NOWHERE);
  const specs = models.map((m) => specOf(m, models, machine.notes, library.training.get(m) ?? {}));
  const used = new Set(specs.flatMap((s) => s.notes));
  return { dialect: specs.length > 0 ? 'tfjs' : null, models: specs, notes: machine.notes.filter((n) => !used.has(n)) };
}

const NOWHERE: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** Runs a script statement by statement: one that fails is left behind. */
function runScript(evaluator: ScriptEvaluator, { program }: ParsedScript): void {
  const { machine } = evaluator;
  // Functions and classes are known before the first statement runs.
  for (const statement of [null, ...program.body]) {
    try {
      if (statement === null)
        executeBlock(
          evaluator,
          program.body.filter((s) => isFunction(s)),
          evaluator.global,
        );
      else if (!isFunction(statement)) executeBlock(evaluator, [statement], evaluator.global);
    } catch (error) {
      if (error instanceof BudgetExceeded) machine.allowMore(50_000);
      else if (!(error instanceof ScriptThrow)) throw error;
    }
  }
}

function isFunction(statement: ParsedScript['program']['body'][number]): boolean {
  if (statement.type === 'FunctionDeclaration') return true;
  const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration';
  return isExport && statement.declaration?.type === 'FunctionDeclaration';
}

/** A model that stands inside of another one is shown there. */
function isPart(model: KerasModel, models: KerasModel[]): boolean {
  return models.some((m) => m !== model && m.layers.includes(model));
}

/** The same builder called several times builds one model. */
function distinct(models: KerasModel[]): KerasModel[] {
  const seen = new Set<string>();
  return models.filter((m) => {
    const layers = m.layers.map(
      (l) => `${l.className}${l.source?.startLine}:${l.source?.startColumn}${JSON.stringify({ ...l.config, name: '' })}`,
    );
    const id = JSON.stringify([m.source?.startLine, m.source?.startColumn, layers]);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function noteMissingInput(session: KerasSession, model: KerasModel): void {
  if (!(model instanceof SequentialModel) || model.inputs.length > 0) return;
  const [first] = model.layers;
  const range = first?.source ?? model.source;
  if (!range) return;
  const why = first?.defect ?? 'its first layer has no inputShape';
  session.error('no-input-shape', `The model is not built: ${why}. Write inputShape: [height, width, channels] as numbers there.`, range);
}

function specOf(model: KerasModel, all: KerasModel[], notes: Note[], told: Training): ModelSpec {
  const ranges = [model.source, ...model.layers.map((l) => l.source), told.compileRange, told.fitRange].filter((r): r is SourceRange =>
    Boolean(r),
  );
  const first = Math.min(...ranges.map((r) => r.startLine));
  const mine = notes.filter(
    (n) => ranges.some((r) => contains(r, n.range)) || (n.code.startsWith('assumed-') && n.range.startLine <= first),
  );
  const variable = model.variable?.name ?? null;
  const isUsed = all.some((m) => m !== model && (m.variable?.name ?? m.builder) === (variable ?? model.builder));
  const name = (isUsed ? (model.builder ?? variable) : (variable ?? model.builder)) ?? model.name;
  const spec = toModelSpec(model, name, mine, null);
  return { ...spec, training: { ...spec.training, ...told } };
}

function contains(outer: SourceRange, inner: SourceRange): boolean {
  const isAfter = inner.startLine > outer.startLine || (inner.startLine === outer.startLine && inner.startColumn >= outer.startColumn);
  return isAfter && (inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn));
}
