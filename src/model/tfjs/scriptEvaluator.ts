import type * as t from '@babel/types';
import type { SourceRange } from '../../common/modelSpec';
import type { Machine } from '../python/machine';
import {
  FALSE,
  NONE,
  TRUE,
  external,
  host,
  list,
  native,
  numberOf,
  str,
  unknown,
  type Arguments,
  type DictValue,
  type Value,
} from '../python/value';
import { globalConstant, globalMember, mapMember, type Call } from './builtinMembers';
import { listMember } from './listMembers';
import { bindPattern } from './patterns';
import { promiseMember } from './promises';
import { rangeOf } from './parseScript';
import { lookIntoElement } from './jsx';
import { callSuper, construct, constructWith, makeClass, superMember } from './scriptClasses';
import { ScriptClass, ScriptFunction } from './scriptFunction';
import { ScriptScope } from './scriptScope';
import { emptyObject, field, isTruthy, keyOf, number, operate, setField, textOf, typeName } from './scriptValues';
import { ScriptThrow, executeBody } from './scriptStatements';
import { textMember } from './textMembers';

/** What a library adds to a script: the meaning of its names. */
export interface ScriptLibrary {
  /** Calls or constructs a dotted name; undefined for what isn't the library's. */
  call(path: string, args: Arguments): Value | undefined;
  /** A member of one of the library's objects. */
  member(object: Value & { kind: 'host' }, name: string, args: { site: SourceRange }): Value | undefined;
  /** What a module exports under a name (`*`: the whole module). */
  imported(module: string, name: string, site: SourceRange): Value;
  /** A name that nothing declares. */
  resolve(name: string): Value | undefined;
  /** The object of a class that derives from one of the library's; undefined for other classes. */
  instance(cls: ScriptClass, self: DictValue, args: Arguments): Value | undefined;
  /** Functions among these arguments went to something outside of the file, which may call them. */
  handOut(args: Arguments): void;
  /** Something was given a name, or became a property of that name. */
  named(value: Value, name: string, isTopLevel: boolean): void;
}

const GLOBALS = new Set([
  'Math',
  'Number',
  'String',
  'Boolean',
  'Array',
  'Object',
  'JSON',
  'Promise',
  'parseInt',
  'parseFloat',
  'isNaN',
  'structuredClone',
  'Set',
  'Map',
]);

/** Runs a script over the values that can be known. Nothing outside of it is ever called. */
export class ScriptEvaluator {
  /** Every function and class that the script made, in order. */
  readonly functions: ScriptFunction[] = [];
  readonly classes: ScriptClass[] = [];
  /** Names of the functions being run, innermost last. */
  readonly running: string[] = [];
  readonly global = new ScriptScope(null);

  constructor(
    readonly machine: Machine,
    readonly library: ScriptLibrary,
  ) {}

  evaluate(node: t.Node | null | undefined, scope: ScriptScope): Value {
    this.machine.tick();
    if (!node) return NONE;
    switch (node.type) {
      case 'NumericLiteral':
        return number(node.value);
      case 'StringLiteral':
        return str(node.value);
      case 'BooleanLiteral':
        return node.value ? TRUE : FALSE;
      case 'NullLiteral':
        return NONE;
      case 'TemplateLiteral':
        return this.template(node, scope);
      case 'Identifier':
        return this.lookUp(node.name, scope);
      case 'ThisExpression':
        return scope.self_ ?? unknown('"this" outside of a method');
      case 'ArrayExpression':
        return this.spreadItems(node.elements, scope);
      case 'ObjectExpression':
        return this.object(node, scope);
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.makeFunction(node, node.type === 'FunctionExpression' ? (node.id?.name ?? '') : '', scope);
      case 'ClassExpression':
        return makeClass(this, node, scope);
      case 'MemberExpression':
      case 'OptionalMemberExpression':
        return this.member(this.evaluate(node.object, scope), this.propertyName(node, scope), rangeOf(node), scope);
      case 'CallExpression':
      case 'OptionalCallExpression':
      case 'NewExpression': {
        const site = rangeOf(node);
        return this.machine.home.inCall(site, () => this.callExpression(node, site, scope));
      }
      case 'AssignmentExpression':
        return this.assign(node, scope);
      case 'UpdateExpression': {
        const old = this.evaluate(node.argument, scope);
        const changed = operate(node.operator === '++' ? '+' : '-', old, number(1)) ?? unknown('a counter that is not known');
        bindPattern(this, node.argument, changed, scope, false);
        return node.prefix ? changed : old;
      }
      case 'BinaryExpression': {
        const [a, b] = [this.evaluate(node.left, scope), this.evaluate(node.right, scope)];
        return (
          operate(node.operator, a, b) ??
          [a, b].find((v) => v.kind === 'unknown') ??
          unknown(`"${node.operator}" of values that are not known`)
        );
      }
      case 'LogicalExpression':
        return this.logical(node, scope);
      case 'UnaryExpression':
        return this.unary(node, scope);
      case 'ConditionalExpression': {
        const truth = isTruthy(this.evaluate(node.test, scope));
        if (truth !== undefined) return this.evaluate(truth ? node.consequent : node.alternate, scope);
        const first = this.evaluate(node.consequent, scope);
        return first.kind === 'unknown' || first.kind === 'none' ? this.evaluate(node.alternate, scope) : first;
      }
      case 'SequenceExpression':
        return node.expressions.map((e) => this.evaluate(e, scope)).at(-1) ?? NONE;
      case 'AwaitExpression':
      case 'YieldExpression':
        return this.evaluate(node.argument, scope);
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSNonNullExpression':
      case 'TSSatisfiesExpression':
      case 'TSTypeAssertion':
      case 'TypeCastExpression':
        return this.evaluate(node.expression, scope);
      case 'SpreadElement':
        return this.evaluate(node.argument, scope);
      case 'ImportExpression':
        return this.module(node.source, rangeOf(node), scope);
      case 'JSXElement':
      case 'JSXFragment':
        return lookIntoElement(this, node, scope);
      case 'TaggedTemplateExpression':
        return unknown('a text that a function makes');
      default:
        return unknown(`a ${node.type}, which is not followed here`);
    }
  }

  /** Calls any value; what can't be called gives an unknown value that says why. */
  call(callee: Value, args: Arguments, self: Value | null = null): Value {
    this.machine.tick();
    if (callee.kind === 'native') return callee.call(args, this.machine);
    if (callee.kind === 'external') {
      const result = this.library.call(callee.path, args) ?? globalMember(callee.path, args, this.caller);
      return result ?? unknown(`what ${callee.path}() gives`);
    }
    if (callee.kind === 'host' && callee.object instanceof ScriptFunction) return this.run(callee.object, args, self);
    if (callee.kind === 'host' && callee.object instanceof ScriptClass) {
      const self = construct(this, callee.object, args);
      return this.library.instance(callee.object, self, args) ?? self;
    }
    if (callee.kind === 'host')
      return callee.object.call(args, this.machine) ?? unknown(`the result of calling ${callee.object.description}`);
    return callee.kind === 'unknown' ? callee : unknown(`the result of calling a ${callee.kind}`);
  }

  /** Calls a function of the script for something that is built in. */
  readonly caller: Call = (fn, values, site) => this.callWith(fn, values, site);

  callWith(fn: Value, values: Value[], site: SourceRange): Value {
    return this.call(fn, { positional: values, keywords: new Map(), site, hasUnknownSpread: false });
  }

  /** Runs a function of the script. */
  run(fn: ScriptFunction, args: Arguments, self: Value | null = null): Value {
    fn.didCall();
    const isArrow = fn.node.type === 'ArrowFunctionExpression';
    const scope = new ScriptScope(fn.scope, isArrow ? null : (fn.self ?? self), fn.owner);
    scope.declare('arguments', list(args.positional));
    fn.node.params.forEach((parameter, i) => {
      if (parameter.type === 'RestElement') bindPattern(this, parameter.argument, list(args.positional.slice(i)), scope, true);
      else {
        const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
        const given =
          args.positional[i] ??
          (target.type === 'AssignmentPattern' ? NONE : unknown(`the argument of ${fn.name || 'a function'}() has no value in this file`));
        bindPattern(this, target, given, scope, true);
        if (parameter.type === 'TSParameterProperty' && scope.self_?.kind === 'dict') {
          const name =
            target.type === 'Identifier'
              ? target.name
              : target.type === 'AssignmentPattern' && target.left.type === 'Identifier'
                ? target.left.name
                : null;
          if (name) setField(scope.self_, name, scope.get(name) ?? given);
        }
      }
    });
    this.running.push(fn.name);
    try {
      const { body } = fn.node;
      const result = this.machine.nested(() =>
        body.type === 'BlockStatement' ? executeBody(this, body.body, scope) : this.evaluate(body, scope),
      );
      return result ?? unknown(`${fn.name}(), which calls itself too deeply`);
    } finally {
      this.running.pop();
    }
  }

  /** Remembers a function, so that it is looked at even if nothing calls it. */
  track(fn: ScriptFunction): ScriptFunction {
    this.functions.push(fn);
    return fn;
  }

  makeFunction(node: t.Function, name: string, scope: ScriptScope): Value {
    return host(this.track(new ScriptFunction(name, node, scope, rangeOf(node))));
  }

  argumentsOf(nodes: readonly t.Node[], site: SourceRange, scope: ScriptScope): Arguments {
    const args: Arguments = { positional: [], keywords: new Map(), site, hasUnknownSpread: false };
    for (const node of nodes) {
      const value = this.evaluate(node, scope);
      if (node.type !== 'SpreadElement') args.positional.push(value);
      else if (value.kind === 'list') args.positional.push(...value.items);
      else args.hasUnknownSpread = true;
    }
    return args;
  }

  /** `object.name`. */
  member(object: Value, name: string | null, site: SourceRange, scope: ScriptScope): Value {
    if (name === null) return unknown('a property whose name is not known');
    switch (object.kind) {
      case 'unknown':
        return object;
      case 'external': {
        if (/^(window|globalThis|self|global)$/.test(object.path)) return this.lookUp(name, scope);
        const path = name === 'default' ? object.path : `${object.path}.${name}`;
        return globalConstant(path) ?? external(path);
      }
      case 'dict':
        return this.property(object, name, site);
      case 'list':
        return listMember(object, name, this.caller) ?? promiseMember(object, name, this.caller) ?? unknown(`"${name}" of an array`);
      case 'str':
        return textMember(object.value, name) ?? unknown(`"${name}" of a text`);
      case 'host':
        if (object.object instanceof ScriptClass)
          return object.object.static_(name) ?? unknown(`"${name}" of ${object.object.description}`);
        if (object.object instanceof ScriptFunction) return this.functionMember(object, name);
        return (
          this.library.member(object, name, { site }) ??
          object.object.getAttribute(name, this.machine) ??
          promiseMember(object, name, this.caller) ??
          unknown(`"${name}" of ${object.object.description}`)
        );
      case 'native':
        return name === 'bind' ? native('bind', () => object) : unknown(`"${name}" of a function`);
      case 'none':
        return unknown(`"${name}" of something that is undefined`);
      default:
        if (name === 'toString' || name === 'toFixed') return native(name, () => str(textOf(object) ?? ''));
        return unknown(`"${name}" of a ${object.kind}`);
    }
  }

  /** A property of an object; one that its class computes is computed. */
  private property(object: DictValue, name: string, site: SourceRange): Value {
    const getter = field(object, `get ${name}`);
    if (getter?.kind === 'host' && getter.object instanceof ScriptFunction) {
      try {
        return this.callWith(getter, [], site);
      } catch (error) {
        // Data that come later are not there yet when a script is looked at.
        if (error instanceof ScriptThrow) return unknown(`"${name}", which is not there before something is loaded`);
        throw error;
      }
    }
    return field(object, name) ?? mapMember(object, name, this.caller) ?? promiseMember(object, name, this.caller) ?? NONE;
  }

  propertyName(node: t.MemberExpression | t.OptionalMemberExpression, scope: ScriptScope): string | null {
    if (!node.computed)
      return node.property.type === 'Identifier'
        ? node.property.name
        : node.property.type === 'PrivateName'
          ? `#${node.property.id.name}`
          : null;
    return keyOf(this.evaluate(node.property, scope));
  }

  lookUp(name: string, scope: ScriptScope): Value {
    const found = scope.get(name);
    if (found) return found;
    return (
      globalConstant(name) ??
      this.library.resolve(name) ??
      (GLOBALS.has(name) || /^(window|globalThis|self|global)$/.test(name)
        ? external(name)
        : unknown(`"${name}" is not defined in this file`))
    );
  }

  private functionMember(object: Value & { kind: 'host' }, name: string): Value {
    if (name === 'call' || name === 'apply') {
      return native(name, (args) => {
        const [self, ...rest] = args.positional;
        const positional = name === 'apply' && rest[0]?.kind === 'list' ? rest[0].items : rest;
        return this.call(object, { ...args, positional }, self ?? null);
      });
    }
    if (name === 'bind') return native(name, () => object);
    const { properties } = object.object as ScriptFunction;
    const found = field(properties, name);
    if (found || name !== 'prototype') return found ?? unknown(`"${name}" of a function`);
    const prototype = emptyObject();
    setField(properties, name, prototype);
    return prototype;
  }

  private callExpression(
    node: t.CallExpression | t.OptionalCallExpression | t.NewExpression,
    site: SourceRange,
    scope: ScriptScope,
  ): Value {
    const { callee } = node;
    if (callee.type === 'Super') return callSuper(this, scope, this.argumentsOf(node.arguments, site, scope));
    if (callee.type === 'Import') return this.module(node.arguments[0], site, scope);
    if (callee.type === 'Identifier' && callee.name === 'require' && !scope.get('require'))
      return this.module(node.arguments[0], site, scope);
    let self: Value | null = null;
    let fn: Value;
    if (callee.type === 'MemberExpression' || callee.type === 'OptionalMemberExpression') {
      const isSuper = callee.object.type === 'Super';
      self = isSuper ? scope.self_ : this.evaluate(callee.object, scope);
      const name = this.propertyName(callee, scope);
      fn = isSuper ? superMember(scope, name) : this.member(self ?? NONE, name, rangeOf(callee), scope);
    } else fn = this.evaluate(callee, scope);
    const args = this.argumentsOf(node.arguments, site, scope);
    if (fn.kind === 'unknown') return this.callUnknown(fn, callee, args);
    if (fn.kind === 'none') return this.callUnknown(unknown('the result of calling something that is undefined'), callee, args);
    if (node.type === 'NewExpression' && fn.kind === 'host' && fn.object instanceof ScriptFunction)
      return constructWith(this, fn.object, args);
    return this.call(fn, args, self);
  }

  /** `require('…')`, `import('…')`. */
  private module(source: t.Node | undefined, site: SourceRange, scope: ScriptScope): Value {
    const name = this.evaluate(source, scope);
    return name.kind === 'str' ? this.library.imported(name.value, '*', site) : unknown('a module whose name is not known');
  }

  /** A method of something that is not known: what loops over it runs once, other functions may be called later. */
  private callUnknown(fn: Value & { kind: 'unknown' }, callee: t.Node, args: Arguments): Value {
    const name = callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
    const isAtOnce = /^(forEach|map|flatMap|filter|then|finally|reduce|each)$/.test(name);
    if (!isAtOnce) this.library.handOut(args);
    else {
      const given = unknown(name === 'then' ? fn.reason : 'an item of values that are not known');
      for (const v of args.positional)
        if (v.kind === 'host' && v.object instanceof ScriptFunction) this.callWith(v, [given, given], args.site);
    }
    return fn;
  }

  private assign(node: t.AssignmentExpression, scope: ScriptScope): Value {
    const right = this.evaluate(node.right, scope);
    let value = right;
    if (node.operator !== '=') {
      const old = this.evaluate(node.left as t.Expression, scope);
      const operator = node.operator.slice(0, -1);
      const truth = isTruthy(old);
      if (operator === '||' || operator === '&&' || operator === '??')
        value = (operator === '||' ? truth : operator === '&&' ? !truth : old.kind !== 'none') ? old : right;
      else value = operate(operator, old, right) ?? unknown(`"${operator}" of values that are not known`);
    }
    bindPattern(this, node.left, value, scope, false);
    return value;
  }

  private logical(node: t.LogicalExpression, scope: ScriptScope): Value {
    const left = this.evaluate(node.left, scope);
    const truth = isTruthy(left);
    if (node.operator === '??')
      return left.kind === 'none'
        ? this.evaluate(node.right, scope)
        : left.kind === 'unknown'
          ? known(left, this.evaluate(node.right, scope))
          : left;
    if (truth === undefined)
      return node.operator === '||' ? known(left, this.evaluate(node.right, scope)) : (this.evaluate(node.right, scope), left);
    return truth === (node.operator === '||') ? left : this.evaluate(node.right, scope);
  }

  private unary(node: t.UnaryExpression, scope: ScriptScope): Value {
    const value = this.evaluate(node.argument, scope);
    if (node.operator === 'typeof') return typeName(value);
    if (node.operator === 'void') return NONE;
    if (node.operator === '!') {
      const truth = isTruthy(value);
      return truth === undefined ? unknown('a condition') : truth ? FALSE : TRUE;
    }
    const n = numberOf(value);
    if (n === null)
      return value.kind === 'str' && node.operator === '+'
        ? number(Number(value.value))
        : value.kind === 'unknown'
          ? value
          : unknown('a number');
    return number(node.operator === '-' ? -n : node.operator === '~' ? ~n : n);
  }

  private template(node: t.TemplateLiteral, scope: ScriptScope): Value {
    let text = '';
    for (let i = 0; i < node.quasis.length; i++) {
      text += node.quasis[i].value.cooked ?? '';
      const part = node.expressions[i] as t.Expression | undefined;
      if (!part) continue;
      const value = textOf(this.evaluate(part, scope));
      if (value === null) return unknown('a text with a part that is not known');
      text += value;
    }
    return str(text);
  }

  private spreadItems(nodes: (t.Node | null)[], scope: ScriptScope): Value {
    const items: Value[] = [];
    for (const node of nodes) {
      const value = this.evaluate(node, scope);
      if (node?.type !== 'SpreadElement') items.push(value);
      else if (value.kind === 'list') items.push(...value.items);
      else return value.kind === 'unknown' ? value : unknown('an array with an unknown number of items');
    }
    return list(items);
  }

  private object(node: t.ObjectExpression, scope: ScriptScope): Value {
    const result = emptyObject();
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        const value = this.evaluate(property.argument, scope);
        if (value.kind === 'dict') for (const [k, entry] of value.entries) result.entries.set(k, entry);
        continue;
      }
      const name = property.computed
        ? keyOf(this.evaluate(property.key, scope))
        : property.key.type === 'Identifier'
          ? property.key.name
          : keyOf(this.evaluate(property.key, scope));
      if (name === null) continue;
      if (property.type === 'ObjectMethod') {
        const method = new ScriptFunction(name, property, scope, rangeOf(property), result);
        if (property.kind === 'method') setField(result, name, host(this.track(method)));
        else if (property.kind === 'get') setField(result, `get ${name}`, host(method));
      } else {
        const value = this.evaluate(property.value, scope);
        if (value.kind === 'host' && value.object instanceof ScriptFunction && value.object.name === '') value.object.name = name;
        setField(result, name, value);
      }
    }
    return result;
  }
}

/** Of two alternatives the one that is known. */
function known(a: Value, b: Value): Value {
  return b.kind === 'unknown' || b.kind === 'none' ? a : b;
}
