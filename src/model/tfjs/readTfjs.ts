import type { ModelSource, ModelSpec, Note, SourceRange } from '../../common/modelSpec';
import type { JsonValue } from '../../common/json';
import { KerasModel, SequentialModel } from '../keras/model';
import { KerasSession } from '../keras/session';
import { toModelSpec } from '../keras/toModelSpec';
import { ScriptModules, loadScriptModules, scriptImports } from '../imports/scriptModules';
import { seenFromHome } from '../imports/seenFromHome';
import { Machine } from '../python/machine';
import type { ProgramPlace } from '../readPython';
import { usualConstant } from './usualConstant';
import { pageScripts, scriptSources } from './pageScripts';
import { isBundle, parseScript, type ParsedScript } from './parseScript';
import { ScriptEvaluator } from './scriptEvaluator';
import { ScriptRunner, runScript } from './scriptRunner';
import type { ScriptScope } from './scriptScope';
import { readUncalled } from './uncalled';
import { TfLibrary, type Training } from './tfLibrary';

/** Whether a script is written for TensorFlow.js's layers. */
export function isTfjs(text: string): boolean {
  return /@tensorflow\/tfjs|\btf[lc]?\s*\.\s*(layers|sequential|model)\b|tensorflow.*tfjs|\btf\.min\.js/.test(text);
}

/**
 * Reads the models of a TensorFlow.js program: a script, a TypeScript file or the scripts of a page, and what they import. Nothing in it
 * is run.
 */
export async function readTfjs(
  { path, files }: ProgramPlace,
  text: string,
  assumptions: Readonly<Record<string, JsonValue>>,
): Promise<ModelSource> {
  if (isBundle(text, 50_000)) {
    const message = 'This script is a bundle or a library, too large to be read for models; open the source it was made from.';
    return { dialect: null, models: [], notes: [{ severity: 'info', code: 'bundled-script', message, range: NOWHERE }] };
  }
  const isPage = /\.html?$/i.test(path);
  const texts = isPage ? pageScripts(text) : [text];
  const sources = isPage ? scriptSources(text) : [];
  const names = [...sources, ...texts.flatMap(scriptImports)];
  const modules = files && names.length > 0 ? await loadScriptModules(names, path, files) : new ScriptModules();
  if (!isTfjs(text) && !modules.texts.some(isTfjs)) return { dialect: null, models: [], notes: [] };
  const scripts = await Promise.all(texts.map((t) => parseScript(t, isPage ? 'page.js' : path)));
  const loaded = sources.flatMap((name) => {
    const file = modules.find(path, name);
    return file?.kind === 'script' ? [file] : [];
  });
  const machine = new Machine([], assumptions, MAX_STEPS);
  const parts = [
    ...loaded.map((f) => ({ script: f.script, file: f.path, text: f.text })),
    ...scripts.map((script) => ({ script, file: null, text })),
  ];
  const source = readScripts(machine, parts, modules, path);
  return modules.files.length === 0 ? source : { ...seenFromHome(source, path, (r) => machine.home.of(r)), imports: modules.files };
}

/** Building models takes a few thousand steps, making up some data a hundred thousand; what takes more plays or searches. */
const MAX_STEPS = 250_000;

/** One script of the program itself: the file's, or one that a page loads. */
interface Part {
  script: ParsedScript;
  /** Of a script that a page loads. */
  file: string | null;
  /** What its functions stand in. */
  text: string;
}

function readScripts(machine: Machine, parts: Part[], modules: ScriptModules, path: string): ModelSource {
  const session = new KerasSession(machine, 'tfjs');
  const library = new TfLibrary(session);
  const evaluator = new ScriptEvaluator(machine, library);
  const runner = new ScriptRunner(evaluator, modules, path);
  library.fromFile = (module, name, site) => runner.import(module, name, site) ?? usualConstant(session, module, name, site);
  library.run = evaluator.caller;
  library.builder = () => evaluator.running.findLast((n) => n !== '' && n !== 'constructor') ?? null;
  let isComputing = false;
  for (const { script } of parts) {
    for (const range of script.errors)
      machine.note('warning', 'syntax-error', "This is not valid JavaScript; it is left out when the file's models are read.", range);
    if (runScript(evaluator, script, evaluator.global)) isComputing = true;
  }
  readUncalled(evaluator, library, new Map(parts.map((p) => [p.file, p.text])), isComputing);
  const own = session.models.filter((m) => !m.isImported || isTaken(m, evaluator.global, library));
  const models = distinct(own.filter((m) => m.layers.length > 0 && !isPart(m, session.models)));
  for (const model of models) noteMissingInput(session, model);
  if (models.length === 0) machine.note('info', 'no-model', 'This script builds no model of layers that could be read.', NOWHERE);
  const specs = models.map((m) => specOf(m, models, machine.notes, library.training.get(m) ?? {}));
  const used = new Set(specs.flatMap((s) => s.notes));
  return { dialect: specs.length > 0 ? 'tfjs' : null, models: specs, notes: machine.notes.filter((n) => !used.has(n)) };
}

/** A model that an imported file makes by itself is the program's when the program names or trains it. */
function isTaken(model: KerasModel, global: ScriptScope, library: TfLibrary): boolean {
  const told = library.training.get(model);
  const isTrained = [told?.compileRange, told?.fitRange].some((r) => r && r.file === undefined);
  return isTrained || [...global.own().values()].some((v) => v.kind === 'host' && v.object === model);
}

const NOWHERE: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** A model that stands inside of another one is shown there. */
function isPart(model: KerasModel, models: KerasModel[]): boolean {
  return models.some((m) => m !== model && m.layers.includes(model));
}

/** The same builder called several times builds one model. */
function distinct(models: KerasModel[]): KerasModel[] {
  const seen = new Set<string>();
  return models.filter((m) => {
    const layers = m.layers.map(
      (l) =>
        `${l.className}${l.source?.file ?? ''}:${l.source?.startLine}:${l.source?.startColumn}${JSON.stringify({ ...l.config, name: '' })}`,
    );
    const id = JSON.stringify([m.source?.file, m.source?.startLine, m.source?.startColumn, layers]);
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
    (n) =>
      ranges.some((r) => contains(r, n.range)) ||
      (n.code.startsWith('assumed-') && n.range.file === undefined && n.range.startLine <= first),
  );
  const variable = model.variable?.name ?? null;
  const isUsed = all.some((m) => m !== model && (m.variable?.name ?? m.builder) === (variable ?? model.builder));
  const name = (isUsed ? (model.builder ?? variable) : (variable ?? model.builder)) ?? model.name;
  const spec = toModelSpec(model, name, mine, null);
  return { ...spec, training: { ...spec.training, ...told } };
}

function contains(outer: SourceRange, inner: SourceRange): boolean {
  const isAfter = inner.startLine > outer.startLine || (inner.startLine === outer.startLine && inner.startColumn >= outer.startColumn);
  return (
    inner.file === outer.file &&
    isAfter &&
    (inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn))
  );
}
