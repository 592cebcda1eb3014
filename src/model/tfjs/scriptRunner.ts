import type { SourceRange } from '../../common/modelSpec';
import type { ScriptFile, ScriptModules } from '../imports/scriptModules';
import { BudgetExceeded } from '../python/machine';
import { NONE, dict, float, int, list, str, type DictValue, type Value } from '../python/value';
import { exportsOf, type ExportTable } from './moduleExports';
import type { ParsedScript } from './parseScript';
import type { ScriptEvaluator } from './scriptEvaluator';
import { ScriptScope } from './scriptScope';
import { ScriptThrow, executeBlock } from './scriptStatements';
import { emptyObject, field, setField } from './scriptValues';

interface RunModule {
  path: string;
  scope: ScriptScope;
  table: ExportTable;
  /** CommonJS's `module`. */
  module: DictValue;
}

/** Runs the workspace's own scripts over what can be known, each once, when it is first imported. */
export class ScriptRunner {
  private readonly loaded = new Map<string, RunModule>();

  constructor(
    private readonly evaluator: ScriptEvaluator,
    private readonly files: ScriptModules,
    private readonly home: string,
  ) {}

  /** What a file exports under a name (`*`: all of it), as the file at `site` imports it; undefined when that can't be told. */
  import(source: string, name: string, site: SourceRange): Value | undefined {
    const file = this.files.find(site.file ?? this.home, source);
    if (!file) return undefined;
    if (file.kind === 'json') return jsonValue(file.text);
    return this.exported(this.loaded.get(file.path) ?? this.run(file, site), name, site);
  }

  private run(file: ScriptFile & { kind: 'script' }, site: SourceRange): RunModule {
    const { machine } = this.evaluator;
    const scope = new ScriptScope(null);
    const exports = emptyObject();
    const module = dict([['exports', exports]]);
    scope.declare('exports', exports);
    scope.declare('module', module);
    const made = { path: file.path, scope, table: exportsOf(file.script.program), module };
    this.loaded.set(file.path, made);
    const { changes } = machine;
    machine.home.inImport(site, file.path, () => machine.nested(() => runScript(this.evaluator, file.script, scope)));
    machine.changes = changes;
    return made;
  }

  private exported(module: RunModule, name: string, site: SourceRange): Value | undefined {
    const { table, scope } = module;
    const common = field(module.module, 'exports') ?? NONE;
    const isCommon = common.kind !== 'dict' || common.entries.size > 0;
    if (name === '*') return isCommon && table.named.size === 0 ? common : this.all(module, site);
    const found = table.named.get(name);
    if (found && 'local' in found) return scope.get(found.local);
    // The place of a re-export is in the module itself.
    const inside = { ...site, file: module.path };
    if (found) return this.import(found.from, found.name, inside);
    if (isCommon) return name === 'default' ? common : common.kind === 'dict' ? field(common, name) : undefined;
    for (const star of table.stars) {
      const value = this.import(star, name, inside);
      if (value) return value;
    }
    return undefined;
  }

  private all(module: RunModule, site: SourceRange): Value {
    const result = emptyObject();
    const inside = { ...site, file: module.path };
    for (const star of module.table.stars) {
      const value = this.import(star, '*', inside);
      if (value?.kind === 'dict') for (const [key, entry] of value.entries) result.entries.set(key, entry);
    }
    for (const name of module.table.named.keys()) {
      const value = this.exported(module, name, site);
      if (value) setField(result, name, value);
    }
    return result;
  }
}

const STEPS_AFTER_OVERRUN = 20_000;

/**
 * Runs a script statement by statement: one that fails is left behind. Functions are known before the first statement runs.
 * @returns whether a statement took more steps than it may
 */
export function runScript(evaluator: ScriptEvaluator, { program }: ParsedScript, scope: ScriptScope): boolean {
  const { machine } = evaluator;
  const rest = program.body.filter((s) => !isFunction(s));
  let overruns = 0;
  for (const part of [program.body.filter((s) => isFunction(s)), ...rest.map((s) => [s])]) {
    try {
      executeBlock(evaluator, part, scope);
    } catch (error) {
      if (error instanceof BudgetExceeded) {
        // What comes behind a long calculation may still be short.
        if (++overruns > 3) return true;
        machine.allowMore(STEPS_AFTER_OVERRUN);
      } else if (!(error instanceof ScriptThrow)) throw error;
    }
  }
  return overruns > 0;
}

function isFunction(statement: ParsedScript['program']['body'][number]): boolean {
  if (statement.type === 'FunctionDeclaration') return true;
  const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration';
  return isExport && statement.declaration?.type === 'FunctionDeclaration';
}

function jsonValue(text: string): Value | undefined {
  try {
    return toValue(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function toValue(json: unknown): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? int(json) : float(json);
  if (typeof json === 'string') return str(json);
  if (typeof json === 'boolean') return { kind: 'bool', value: json };
  if (Array.isArray(json)) return list(json.map(toValue));
  if (typeof json === 'object' && json !== null) return dict(Object.entries(json).map(([k, v]): [string, Value] => [k, toValue(v)]));
  return NONE;
}
