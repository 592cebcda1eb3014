import type { JsonValue } from '../../common/json';
import type { SourceRange } from '../../common/modelSpec';
import { bind, externalBase } from '../python/attributes';
import { callFunction, instantiate } from '../python/calls';
import { BudgetExceeded, PythonError } from '../python/machine';
import { ownDefinitions, type Scope } from '../python/scope';
import { NONE, type Arguments, type ClassValue, type FunctionValue, type InstanceValue, type Value } from '../python/value';
import { fromJson, isShapeName, usualValue } from './assumedValue';
import { isOnlyPart } from './composite';
import { layerNames } from './layerTable';
import { loopTarget, mentionedNames, standsInTuple } from './mentions';
import { KerasModel } from './model';
import type { KerasSession } from './session';

const STEPS = 60_000;
const MAX_BUILDERS = 24;
/** A file that has used this many layers is not asked for more of them. */
const MAX_LAYERS = 1200;
/** Heights and widths to try, smallest first: a deep network does not fit on small images. */
const SIZES = [64, 224, 299];
const MODEL_WORDS = new Set(['Sequential', 'Model', ...layerNames()]);

/** Something of the file that nothing has called. */
interface Builder {
  name: string;
  range: SourceRange;
  parameters: FunctionValue['parameters'];
  defaults: ReadonlyMap<string, Value>;
  mentions: Set<string>;
  /** Its syntax tree. */
  body: unknown;
  isCalled(): boolean;
  run(args: Arguments): Value;
}

interface AssumedArgument {
  name: string;
  key: string;
  value: JsonValue;
  range: SourceRange;
}

/** Calls the functions and makes the classes that nothing in the file does, with their defaults, and keeps what they build. */
export function offerBuilders(session: KerasSession, scope: Scope): void {
  const builders = inCallOrder(collect(session, scope));
  let count = 0;
  for (const builder of builders) {
    if (builder.isCalled() || count >= MAX_BUILDERS) continue;
    if (session.uses.length > MAX_LAYERS) {
      session.inform('not-offered', `${builder.name} is not offered: this file builds very large models already.`, headOf(builder.range));
      continue;
    }
    count++;
    offer(session, builder);
  }
}

function collect(session: KerasSession, scope: Scope): Builder[] {
  const found: Builder[] = [];
  for (const [name, value] of ownDefinitions(scope)) {
    if (value.kind === 'function') found.push(ofFunction(session, value, name));
    else if (value.kind === 'class') found.push(...ofClass(session, value));
  }
  const words = new Set([
    ...MODEL_WORDS,
    ...found.filter((b) => [...b.mentions].some((m) => MODEL_WORDS.has(m))).map((b) => b.name.split('.').at(-1) ?? ''),
  ]);
  return found.filter((b) => [...b.mentions].some((m) => words.has(m)));
}

function ofFunction(session: KerasSession, fn: FunctionValue, name: string): Builder {
  const { machine } = session;
  return {
    name,
    range: fn.range,
    parameters: fn.self ? fn.parameters.slice(1) : fn.parameters,
    defaults: fn.defaults,
    mentions: mentionedNames(fn.body),
    body: fn.body,
    isCalled: () => machine.called.has(fn.body),
    run: (args) => callFunction(fn, args, machine),
  };
}

/** A class that derives from Keras's is a model by itself; any other may have methods that build one. */
function ofClass(session: KerasSession, cls: ClassValue): Builder[] {
  const { machine } = session;
  const init = cls.members.get('__init__');
  const fn = init?.kind === 'function' ? init : null;
  const methods = [...cls.members].flatMap(([name, v]) => (v.kind === 'function' ? [{ name, fn: v }] : []));
  const base = externalBase(cls, machine);
  const name = base?.path.split('.').at(-1) ?? '';
  if (base && name !== 'Model' && name !== 'Sequential') return [];
  const itself: Builder = {
    name: cls.name,
    range: cls.range,
    parameters: fn?.parameters.slice(1) ?? [],
    defaults: fn?.defaults ?? new Map(),
    mentions: mentionedNames(methods.map((m) => m.fn.body)),
    body: fn?.body,
    // An object whose building methods nothing calls leaves a file without a model.
    isCalled: () =>
      machine.called.has(cls.members) &&
      (base !== null || session.models.length > 0 || methods.every((m) => machine.called.has(m.fn.body))),
    run: (args) => {
      const instance = instantiate(cls, args, machine);
      if (!base && instance.kind === 'instance') runMethods(session, instance, methods);
      return instance;
    },
  };
  const isOpen = (m: FunctionValue) => m.decorator === 'static' || m.decorator === 'class';
  const open = methods
    .filter((m) => isOpen(m.fn))
    .map((m) =>
      ofFunction(
        session,
        m.fn.decorator === 'class' ? { ...m.fn, self: cls, owner: cls } : { ...m.fn, owner: cls },
        `${cls.name}.${m.name}`,
      ),
    );
  return [...open, itself];
}

/** Calls the methods that build something and were not called by others. */
function runMethods(session: KerasSession, self: InstanceValue, methods: { name: string; fn: FunctionValue }[]): void {
  const builders = methods
    .filter((m) => !m.name.startsWith('__') && !m.fn.decorator)
    .map((m) => {
      const bound = bind(m.fn, self.class, self);
      return ofFunction(session, bound.kind === 'function' ? bound : m.fn, `${self.class.name}.${m.name}`);
    });
  for (const builder of inCallOrder(builders)) {
    if (builder.isCalled() || ![...builder.mentions].some((w) => MODEL_WORDS.has(w))) continue;
    const { args, assumed } = argumentsFor(session, builder, SIZES[0]);
    const count = session.models.length;
    const result = builder.run(args);
    if (session.models.length > count) settle(session, builder, count, result, assumed);
  }
}

/** Those that call others first. */
function inCallOrder(builders: Builder[]): Builder[] {
  const lastName = (b: Builder) => b.name.split('.').at(-1) ?? '';
  const isUsed = (b: Builder) => builders.some((o) => o !== b && o.mentions.has(lastName(b)));
  return [...builders.filter((b) => !isUsed(b)), ...builders.filter(isUsed)];
}

function offer(session: KerasSession, builder: Builder): void {
  const { journal } = session.machine;
  const isOpen = builder.parameters.some((p) => isShapeName(p.name)) && !session.knownData;
  const choices = isOpen ? SIZES : SIZES.slice(0, 1);
  for (const size of choices) {
    const isLast = size === choices.at(-1);
    const result = journal.keepIf(
      () => attempt(session, builder, size),
      (r) => r !== null && r !== 'raises' && (r.isBuilt || isLast),
    );
    // Networks refuse images that are too small for them.
    if (result === null || (result !== 'raises' && result.isBuilt)) return;
  }
}

/** Runs a builder. Null, and no notes, when it makes no model; `raises` when it ends in an exception before that. */
function attempt(session: KerasSession, builder: Builder, size: number): { isBuilt: boolean } | 'raises' | null {
  const { machine } = session;
  const count = session.models.length;
  const notes = machine.notes.length;
  machine.journal.record(() => (machine.notes.length = notes));
  const { args, assumed } = argumentsFor(session, builder, size);
  machine.allowMore(STEPS);
  let result: Value = NONE;
  let raises = false;
  try {
    result = builder.run(args);
  } catch (error) {
    if (!(error instanceof PythonError) && !(error instanceof BudgetExceeded)) throw error;
    raises = error instanceof PythonError;
  }
  const made = session.models.slice(count).filter((m) => m.layers.length > 0 && !isOnlyPart(m));
  if (made.length === 0) return raises ? 'raises' : null;
  settle(session, builder, count, result, assumed);
  return { isBuilt: made.every((m) => m.obstacle === null && m.outputs.every((t) => t.shape !== null)) };
}

/** Names the models after their builder and notes what was assumed. */
function settle(session: KerasSession, builder: Builder, count: number, result: Value, assumed: AssumedArgument[]): void {
  const { machine } = session;
  const object = result.kind === 'host' ? result.object : result.kind === 'instance' ? result.host : null;
  for (const model of session.models.slice(count)) {
    model.builder ??= builder.name;
    if (model === object) model.variable = { name: builder.name, isTopLevel: true };
  }
  if (!(object instanceof KerasModel)) {
    const [only, ...others] = session.models.slice(count);
    if (only && others.length === 0) only.variable = { name: builder.name, isTopLevel: true };
  }
  machine.note(
    'info',
    'uncalled-builder',
    `Nothing in this file calls ${builder.name}; it is read with its defaults.`,
    headOf(builder.range),
  );
  for (const { name, key, value, range } of assumed) {
    const text = Array.isArray(value) ? `(${value.join(', ')})` : JSON.stringify(value);
    const isTold = Object.hasOwn(machine.assumptions, key);
    const what = `"${name}" of ${builder.name} has no value in this file; ${text}`;
    if (isTold) machine.note('info', 'given-value', `${what}, as you said, is used.`, range, { key, value });
    else machine.note('warning', 'assumed-argument', `${what} is assumed.`, range, { key, value });
  }
}

/** Arguments for the parameters that have no default: what the person told, else what their names usually mean. */
function argumentsFor(session: KerasSession, builder: Builder, size: number): { args: Arguments; assumed: AssumedArgument[] } {
  const { assumptions } = session.machine;
  const keywords = new Map<string, Value>();
  const assumed: AssumedArgument[] = [];
  for (const p of builder.parameters) {
    if (p.kind === 'rest' || p.kind === 'restKeywords') continue;
    const key = `${builder.name}.${p.name}`;
    const told = Object.hasOwn(assumptions, key) ? assumptions[key] : undefined;
    const given = builder.defaults.get(p.name);
    const isEmpty = given === undefined || (given.kind === 'none' && isShapeName(p.name));
    const value = told ?? (isEmpty ? (usualList(session, builder, p.name, size) ?? usual(session, builder, p.name, size)) : undefined);
    if (value === undefined) continue;
    keywords.set(p.name, fromJson(value));
    assumed.push({ name: p.name, key, value, range: p.range });
  }
  return { args: { positional: [], keywords, site: builder.range, hasUnknownSpread: false }, assumed };
}

/** What a parameter usually means; a shape by its name may be one size of it: `(3, input_size, input_size)`. */
function usual(session: KerasSession, { body }: Builder, name: string, size: number): JsonValue | undefined {
  const value = usualValue(session, name, size);
  return Array.isArray(value) && standsInTuple(body, name) ? value[0] : value;
}

/** Values for a parameter that a `for` loop runs over, such as sizes of layers. */
function usualList(session: KerasSession, { body }: Builder, name: string, size: number): JsonValue | undefined {
  const target = loopTarget(body, name);
  if (target === null || isShapeName(name)) return undefined;
  const item = usualValue(session, target, size) ?? usualValue(session, name.replace(/e?s$/, ''), size) ?? 32;
  return typeof item === 'number' ? [item, item] : undefined;
}

/** The first line of a definition. */
function headOf(range: SourceRange): SourceRange {
  return { ...range, endLine: range.startLine, endColumn: range.startColumn + 3 };
}
