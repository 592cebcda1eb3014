import type { Function as FunctionNode, Node } from '@babel/types';
import { SequentialModel } from '../keras/model';
import { BudgetExceeded } from '../python/machine';
import { external, host, int, unknown, type Arguments, type Value } from '../python/value';
import type { ScriptEvaluator } from './scriptEvaluator';
import type { ScriptFunction } from './scriptFunction';
import { ScriptThrow } from './scriptStatements';
import type { TfLibrary } from './tfLibrary';

/** What a function has to mention to be of interest. */
const BUILDING = /\b(sequential|Sequential|layers|compile|fit|fitDataset|LayersModel|tf\w*\.model)\b/;
const STEPS = 250_000;
/** For each after one took all of its own: the script computes rather than builds. */
const STEPS_AFTER_OVERRUN = 5_000;
const MAX_FUNCTIONS = 80;

/**
 * Looks at the functions and classes that nothing has called: event handlers first, then those whose name stands nowhere else, then the
 * rest. Nothing is really run, so that no order or argument can do harm.
 * @param isComputing what runs by itself took more steps than building takes
 * @param texts of the scripts whose functions count, by their files; null stands for the file that is read
 */
export function readUncalled(
  evaluator: ScriptEvaluator,
  library: TfLibrary,
  texts: ReadonlyMap<string | null, string>,
  isComputing: boolean,
): void {
  let left = MAX_FUNCTIONS;
  let hasOverrun = isComputing;
  const all = [...texts.values()].join('\n');
  // What only other files hold is looked at when those are opened.
  const mentions = ({ range }: { range: ScriptFunction['range'] }) => {
    const text = texts.get(range.file ?? null);
    return text !== undefined && BUILDING.test(textIn(text, range));
  };
  const run = (callee: Value, args: Arguments) => {
    if (left-- <= 0) return;
    evaluator.machine.allowMore(hasOverrun ? STEPS_AFTER_OVERRUN : STEPS);
    try {
      evaluator.call(callee, args);
    } catch (error) {
      if (error instanceof BudgetExceeded) hasOverrun = true;
      else if (!(error instanceof ScriptThrow)) throw error;
    }
  };
  const runFunction = (fn: ScriptFunction) => {
    if (fn.isCalled) return;
    run(host(fn), argumentsFor(library, fn.name, fn.node, fn.range));
  };
  const isRoot = (name: string) => name === '' || countOf(all, name) <= 1;
  for (const isFirst of [true, false]) {
    for (const cls of [...evaluator.classes]) {
      if (cls.isUsed || !mentions(cls) || (isFirst && !isRoot(cls.name))) continue;
      run(host(cls), argumentsFor(library, cls.name, cls.methods.get('constructor')?.node ?? null, cls.range));
    }
    // Functions made by those that are run are looked at as well.
    for (let i = 0; i < evaluator.functions.length; i++) {
      const fn = evaluator.functions[i];
      const isHandedOut = library.handedOut.some((v) => v.kind === 'host' && v.object === fn);
      if (!fn.isCalled && mentions(fn) && (!isFirst || isHandedOut || isRoot(fn.name))) runFunction(fn);
    }
  }
}

function argumentsFor(library: TfLibrary, owner: string, node: FunctionNode | null, site: Arguments['site']): Arguments {
  const positional = (node?.params ?? []).flatMap((p): Value[] => {
    if (p.type === 'RestElement') return [];
    const target = p.type === 'TSParameterProperty' ? p.parameter : p;
    const name = target.type === 'Identifier' ? target.name : '';
    // `undefined` lets a default value take its place.
    if (target.type === 'AssignmentPattern') return [{ kind: 'none' }];
    const type = target.type === 'Identifier' ? target.typeAnnotation : null;
    return [usualArgument(library, owner, name, type ? typeText(type) : '', site)];
  });
  return { positional, keywords: new Map(), site, hasUnknownSpread: false };
}

/** What a parameter likely stands for: an empty model to add to, the library itself, a number of classes. */
function usualArgument(library: TfLibrary, owner: string, name: string, type: string, site: Arguments['site']): Value {
  if (/Sequential$/.test(type) || (/^_?(model|sequential|net|network|cnn)$/i.test(name) && !/Layers?Model$/.test(type))) {
    const model = library.call('tf.sequential', { positional: [], keywords: new Map(), site, hasUnknownSpread: false });
    if (model?.kind === 'host' && model.object instanceof SequentialModel) {
      model.object.builder = owner;
      return model;
    }
  }
  if (/^_?tf(js)?$/.test(name)) return external('tf');
  if (/^(num|n|nb|no)?_?(of)?_?(output)?_?(classes|labels|categories)(count)?$|^(num|n)Actions$/i.test(name) && !/\[\]$/.test(type)) {
    const value = library.session.assume(`${owner}.${name}`, 10, `"${name}" has no value in this file`, site);
    return typeof value === 'number' ? int(value) : unknown(`the argument "${name}"`);
  }
  return unknown(name ? `the argument "${name}" has no value in this file` : 'an argument that has no value in this file');
}

/** The last name of a type annotation. */
function typeText(node: Node): string {
  if (node.type === 'TSTypeAnnotation' || node.type === 'TypeAnnotation') return typeText(node.typeAnnotation);
  if (node.type === 'TSTypeReference') return typeText(node.typeName);
  if (node.type === 'TSQualifiedName') return node.right.name;
  if (node.type === 'TSArrayType') return `${typeText(node.elementType)}[]`;
  return node.type === 'Identifier' ? node.name : '';
}

/** How often a name stands in a text, as a whole word. */
function countOf(text: string, name: string): number {
  return text.split(new RegExp(`(?<![\\w$])${name.replace(/[$]/g, '\\$&')}(?![\\w$])`)).length - 1;
}

function textIn(text: string, range: ScriptFunction['range']): string {
  return text
    .split('\n')
    .slice(range.startLine, range.endLine + 1)
    .join('\n');
}
