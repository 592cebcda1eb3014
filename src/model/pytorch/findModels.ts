import type { SourceRange } from '../../common/modelSpec';
import { mentionedNames } from '../keras/mentions';
import { externalBase, findMember } from '../python/attributes';
import { callValue, plainArguments } from '../python/calls';
import { BudgetExceeded, PythonError } from '../python/machine';
import { ownDefinitions, type Scope } from '../python/scope';
import { textOf } from '../python/text';
import { int, str, type Arguments, type ClassValue, type FunctionValue, type Value } from '../python/value';
import { ModuleContainer } from './moduleContainer';
import { childModules, listedModules, moduleKey, modulesIn, parametersIn } from './moduleTree';
import { TorchModule } from './torchModule';
import type { Candidate, TorchSession } from './torchSession';
import { TraceError } from './tracer';
import { mentions, usualValue } from './usualValues';

const STEPS = 60_000;
const MAX_MODELS = 16;

/** Parameters of functions that work with a model rather than make one. */
const TAKES_MODEL = /^(model|net|network|module|loader|train_loader|device|optimizer|m|x|img|image)$/i;

/** The models of a program: modules that are no part of another one. Builders and classes that nothing uses are tried with their defaults. */
export function findModels(session: TorchSession, scope: Scope): Candidate[] {
  leaveImported(session, scope);
  if (roots(session).length === 0) runBuilders(session, scope, true);
  if (roots(session).length === 0) runReturning(session, scope);
  makeUnusedClasses(session, scope);
  if (roots(session).length === 0) runBuilders(session, scope, false);
  runTraining(session, scope);
  const found = roots(session);
  return (found.length > 0 ? found : singleModules(session, scope)).slice(0, MAX_MODELS);
}

/** A single layer that is trained by itself, such as `nn.Linear(1, 1)`. */
function singleModules(session: TorchSession, scope: Scope): Candidate[] {
  const trained = new Set(session.optimizers.flatMap((o) => [...o.owners]));
  const found = [...scope.own()].flatMap(([name, v]): Candidate[] => {
    const object = v.kind === 'host' && v.object instanceof TorchModule ? v.object : null;
    if (!object?.parameters.some((p) => trained.has(p) || trained.has(object))) return [];
    const { source } = object;
    return [{ module: v, site: source, home: source, isImported: false, builder: name }];
  });
  return found.filter((c) => c.site.file === undefined);
}

/** A model that an imported file makes by itself is the program's only when the program names or uses it. */
function leaveImported(session: TorchSession, scope: Scope): void {
  const named = new Set([...scope.own().values()].map(moduleKey));
  const isTaken = (c: Candidate) =>
    named.has(moduleKey(c.module)) || session.calls.some((call) => call.range.file === undefined && call.module === moduleKey(c.module));
  const kept = session.candidates.filter((c) => !c.isImported || isTaken(c));
  session.candidates.splice(0, session.candidates.length, ...kept);
}

/** The roots as they were found last; making or calling anything makes them open again. */
const known = new WeakMap<TorchSession, { state: string; found: Candidate[] }>();

function roots(session: TorchSession): Candidate[] {
  const { candidates, calls, optimizers, machine } = session;
  const state = [candidates.length, calls.length, optimizers.length, machine.changes].join();
  const last = known.get(session);
  if (last?.state === state) return last.found;
  keysOf.clear();
  const found = findRoots(session);
  keysOf.clear();
  known.set(session, { state, found });
  return found;
}

function findRoots(session: TorchSession): Candidate[] {
  const inner = innerModules(session.candidates.map((c) => c.module));
  const seen = new Map<string, number>();
  const classes = new Set(session.candidates.flatMap((c) => (c.module.kind === 'instance' ? [c.module.class] : [])));
  const found: Candidate[] = [];
  for (const c of session.candidates) {
    const key = moduleKey(c.module);
    if (!key || inner.has(key) || isMadeInside(c, classes) || !isModel(session, c)) continue;
    // The same class made twice in the same way is one model: the one that is used.
    const size = parametersIn(c.module).reduce((n, [, p]) => n + p.count, 0);
    const name =
      c.module.kind === 'instance'
        ? c.module.class.name
        : `${c.site.file ?? ''}:${c.site.cell ?? ''}:${c.site.startLine}:${c.site.startColumn}`;
    const id = `${name}/${size}/${modulesIn(c.module).length}`;
    const at = seen.get(id);
    if (at === undefined) {
      seen.set(id, found.length);
      found.push(c);
    } else if (usesOf(session, c) > usesOf(session, found[at])) found[at] = c;
  }
  return found;
}

/** How much of the training code is about a module. */
function usesOf(session: TorchSession, { module }: Candidate): number {
  const key = moduleKey(module);
  const calls = session.calls.filter((c) => c.module === key && c.data !== null).length;
  return calls + session.optimizers.filter((o) => [...o.owners].some((w) => ownedBy(module, w))).length;
}

/** Everything inside of these modules, the modules of plain lists too. */
function innerModules(modules: Value[]): Set<object> {
  const inner = new Set<object>();
  const visited = new Set<object>();
  const visit = (module: Value): void => {
    const key = moduleKey(module);
    if (!key || visited.has(key)) return;
    visited.add(key);
    for (const child of [...childModules(module), ...listedModules(module)].map(([, m]) => m)) {
      const own = moduleKey(child);
      if (own && own !== key) inner.add(own);
      visit(child);
    }
  };
  for (const module of modules) visit(module);
  return inner;
}

/** Made by the code of a module class: a part of it, even if it was replaced by another one later. */
function isMadeInside({ site }: Candidate, classes: Set<ClassValue>): boolean {
  const isIn = (range: SourceRange) =>
    site.file === range.file && site.cell === range.cell && site.startLine > range.startLine && site.endLine <= range.endLine;
  return [...classes].some((c) => isIn(c.range));
}

function isModel(session: TorchSession, { module, builder }: Candidate): boolean {
  const key = moduleKey(module);
  const holds = modulesIn(module).length > 1 || parametersIn(module).length > 0;
  if (module.kind === 'instance') {
    const hasForward = findMember(module.class, 'forward') !== undefined || hostsBase(module);
    return holds && (hasForward || childModules(module).some(([, m]) => m.kind === 'host' && m.object instanceof ModuleContainer));
  }
  if (module.kind !== 'host' || !(module.object instanceof ModuleContainer)) return false;
  const isUsed =
    session.calls.some((c) => c.module === key) || session.optimizers.some((o) => [...o.owners].some((w) => ownedBy(module, w)));
  return holds && (module.object.variable !== null || isUsed || builder !== null);
}

function hostsBase(module: Value): boolean {
  return module.kind === 'instance' && (module.host as { base?: Value | null } | undefined)?.base !== null;
}

function ownedBy(module: Value, owner: object): boolean {
  return keysIn(module).has(owner);
}

/** What identifies a module and all in it: asked for every optimizer of every candidate, while nothing is made or assigned. */
const keysOf = new Map<Value, Set<object | null>>();

function keysIn(module: Value): Set<object | null> {
  let keys = keysOf.get(module);
  if (!keys) keysOf.set(module, (keys = new Set(modulesIn(module).map(([, m]) => moduleKey(m)))));
  return keys;
}

/** A class without a forward pass of its own is a base of others, unless what it derives from brings one. */
function definesForward(cls: ClassValue): boolean {
  return findMember(cls, 'forward') !== undefined || cls.bases.some((b) => b.kind === 'external' && /^torch\.nn\.(?!Module$)/.test(b.path));
}

/** Runs functions that nothing has called. Those that are a model's own methods or need data do no harm: nothing is really run. */
function runBuilders(session: TorchSession, scope: Scope, onlyWithDefaults: boolean): void {
  for (const [name, value] of ownDefinitions(scope)) {
    if (value.kind !== 'function' || !Array.isArray(value.body)) continue;
    const missing = missingArguments(value, 0);
    if (onlyWithDefaults === missing.length > 0) continue;
    // What takes a model builds none.
    if (missing.some((p) => TAKES_MODEL.test(p))) continue;
    session.builder = name;
    const args = argumentsFor(session, scope, name, value);
    const count = session.candidates.length;
    const result = tryCall(session, value, args);
    if (session.candidates.length > count) noteAssumed(session, name, value, args);
    if (result) giveName(result, name);
    session.builder = null;
  }
}

/**
 * Runs functions that need arguments and return a network, such as `resnet34(weights_file)`: they say what a class is made of better than
 * its own parameters do. What others make on the way is forgotten.
 */
function runReturning(session: TorchSession, scope: Scope): void {
  const isUsed = namesUsed(scope);
  for (const [name, value] of ownDefinitions(scope)) {
    if (value.kind !== 'function' || !Array.isArray(value.body) || missingArguments(value, 0).length === 0) continue;
    if (missingArguments(value, 0).some((p) => TAKES_MODEL.test(p)) || isUsed(name, value)) continue;
    const { length } = session.candidates;
    session.builder = name;
    const args = argumentsFor(session, scope, name, value);
    const notes = session.machine.notes.length;
    const result = tryCall(session, value, args);
    session.builder = null;
    const isWhole = result && parametersIn(result).length > 0 && modulesIn(result).every(([, m]) => !isDefective(m));
    if (isWhole) {
      noteAssumed(session, name, value, args);
      giveName(result, name);
    } else {
      session.candidates.length = Math.min(length, session.candidates.length);
      session.machine.notes.length = Math.min(notes, session.machine.notes.length);
    }
  }
}

/** The names that other functions and classes of the file use: what has one of them makes a part. */
function namesUsed(scope: Scope): (name: string, by: FunctionValue) => boolean {
  const used = ownDefinitions(scope).map(([, v]) => {
    const bodies = v.kind === 'function' ? [v.body] : [...v.members.values()].flatMap((m) => (m.kind === 'function' ? [m.body] : []));
    return { by: v, names: mentionedNames(bodies) };
  });
  return (name, self) => used.some(({ by, names }) => by !== self && names.has(name));
}

function isDefective(module: Value): boolean {
  return module.kind === 'host' && module.object instanceof TorchModule && module.object.defect !== null;
}

/** Training code that nothing has called, such as what a process is started with: it tells optimizer and loss. */
function runTraining(session: TorchSession, scope: Scope): void {
  if (session.optimizers.length > 0 && session.losses.length > 0) return;
  const [root] = roots(session);
  if (!root) return;
  for (const [name, value] of ownDefinitions(scope)) {
    if (value.kind !== 'function' || !Array.isArray(value.body) || !mentions(value.body, /^(backward|optim|zero_grad|Adam|SGD)$/)) continue;
    const args = argumentsFor(session, scope, name, value);
    for (const p of value.parameters) if (/^(model|net|network|cnn)$/i.test(p.name)) args.keywords.set(p.name, root.module);
    tryCall(session, value, args);
  }
}

/** A Sequential that a function returns is a model by that function's name. */
function giveName(result: Value, name: string): void {
  if (result.kind === 'host' && result.object instanceof ModuleContainer) result.object.didAssign(name, true);
}

/** Makes objects of the file's module classes that nothing has made or derived from. */
function makeUnusedClasses(session: TorchSession, scope: Scope): void {
  const { machine } = session;
  const made = new Set<ClassValue>();
  const mark = () => {
    const own = new Set(roots(session).map((c) => c.module));
    for (const { module } of session.candidates) {
      if (module.kind !== 'instance') continue;
      made.add(module.class);
      // What only parts of a network derive from is no model; what a model derives from may be one.
      if (!own.has(module)) markBases(module.class, made);
    }
  };
  mark();
  // Later classes are made of earlier ones. Those that need arguments nobody knows are tried only if there is nothing else.
  const unused = ownDefinitions(scope).flatMap(([name, v]) =>
    v.kind === 'class' && v.name === name && externalBase(v, machine) && definesForward(v) ? [v] : [],
  );
  for (const isComplete of [true, false]) {
    if (!isComplete && roots(session).length > 0) break;
    for (const cls of [...unused].reverse()) {
      if (made.has(cls)) continue;
      const init = findMember(cls, '__init__')?.value;
      const args = init?.kind === 'function' ? argumentsFor(session, scope, cls.name, init, 1) : plainArguments([], cls.range);
      if (isComplete && init?.kind === 'function' && missingArguments(init, 1).some((name) => !args.keywords.has(name))) continue;
      noteAssumed(session, cls.name, init, args);
      tryCall(session, cls, { ...args, site: cls.range });
      mark();
    }
  }
  session.candidates.sort((a, b) => lineOf(a) - lineOf(b));
}

function markBases(cls: ClassValue, made: Set<ClassValue>): void {
  for (const base of cls.bases) {
    if (base.kind !== 'class') continue;
    made.add(base);
    markBases(base, made);
  }
}

/** The order of the text; cells of a notebook come one after the other. */
function lineOf({ module, home, builder }: Candidate): number {
  const isOwn = builder === null && module.kind === 'instance' && module.class.range.file === undefined;
  const { cell = 0, startLine } = isOwn ? module.class.range : home;
  return cell * 1_000_000 + startLine;
}

/** Values for the parameters without default: what the person told, or what the name usually means. Others stay unknown. */
function argumentsFor(session: TorchSession, scope: Scope, owner: string, fn: FunctionValue, skip = 0): Arguments {
  const args = plainArguments([], fn.range);
  for (const p of fn.parameters.slice(skip)) {
    if ((p.kind !== 'plain' && p.kind !== 'keywordOnly') || fn.defaults.has(p.name)) continue;
    const told = session.machine.assumptions[`${owner}.${p.name}`];
    const given = typeof told === 'number' ? int(told) : typeof told === 'string' ? str(told) : null;
    const value = given ?? usualValue(session, p.name, fn, scope);
    if (value) args.keywords.set(p.name, value);
  }
  return args;
}

/** Parameters that a call has to give. */
function missingArguments(fn: FunctionValue, skip: number): string[] {
  return fn.parameters
    .slice(skip)
    .flatMap((p) => ((p.kind === 'plain' || p.kind === 'keywordOnly') && !fn.defaults.has(p.name) ? [p.name] : []));
}

function noteAssumed(session: TorchSession, owner: string, fn: Value | undefined, args: Arguments): void {
  for (const p of fn?.kind === 'function' ? fn.parameters : []) {
    const value = args.keywords.get(p.name);
    if (!value || `${owner}.${p.name}` in session.machine.assumptions) continue;
    const text = textOf(value) ?? '?';
    const told = value.kind === 'int' || value.kind === 'str' ? { key: `${owner}.${p.name}`, value: value.value } : undefined;
    session.machine.note(
      'info',
      'assumed-argument',
      `"${p.name}" of ${owner} has no value in this file; ${text} is assumed.`,
      p.range,
      told,
    );
  }
}

function tryCall(session: TorchSession, callee: Value, args: Arguments): Value | null {
  session.machine.allowMore(STEPS);
  try {
    return callValue(callee, args, session.machine);
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded || error instanceof TraceError) return null;
    throw error;
  }
}
