import type { Argument, Expression } from './ast';
import { getAttribute, resolveExternal, superAttribute } from './attributes';
import { isBuiltin } from './builtins';
import { callValue } from './calls';
import { evaluateComprehension } from './comprehension';
import { iterate } from './iterate';
import type { Machine } from './machine';
import { binaryOperation, compare, unaryOperation } from './operators';
import type { Scope } from './scope';
import { getItem } from './subscript';
import { formatValue, textOf } from './text';
import { truthOf } from './truth';
import { percentFormat } from './stringMethods';
import {
  FALSE,
  NONE,
  TRUE,
  dictKey,
  external,
  float,
  int,
  list,
  str,
  tuple,
  unknown,
  type Arguments,
  type DictValue,
  type FunctionValue,
  type Value,
} from './value';

/** The value of an expression; unknown, with a reason, where it can't be known. */
export function evaluate(node: Expression, scope: Scope, machine: Machine): Value {
  machine.tick();
  const value = (e: Expression) => evaluate(e, scope, machine);
  switch (node.kind) {
    case 'name':
      return lookUp(node.id, scope, machine);
    case 'int':
      return int(node.value);
    case 'float':
      return float(node.value);
    case 'bool':
      return node.value ? TRUE : FALSE;
    case 'none':
      return NONE;
    case 'ellipsis':
      return { kind: 'ellipsis' };
    case 'bytes':
      return unknown('a bytes literal');
    case 'string':
      return evaluateString(node.parts, scope, machine);
    case 'sequence': {
      const items = sequenceItems(node.items, scope, machine);
      if (items === null) return unknown('a sequence with an unknown number of items');
      if (node.type === 'tuple') return tuple(items);
      if (node.type === 'list') return list(items);
      return { kind: 'set', entries: new Map(items.map((v, i) => [dictKey(v) ?? `?${i}`, v])) };
    }
    case 'dict':
      return evaluateDict(node.entries, scope, machine);
    case 'unary': {
      const operand = value(node.operand);
      if (operand.kind === 'host' && node.operator !== 'not') {
        const result = operand.object.unary(node.operator, noArguments(node.range), machine);
        if (result) return result;
      }
      return unaryOperation(node.operator, operand);
    }
    case 'binary':
      return applyBinary(node.operator, value(node.left), value(node.right), node.range, machine);
    case 'logical': {
      const left = value(node.left);
      const truth = truthOf(left);
      if (truth === undefined) {
        const right = value(node.right);
        if (node.operator === 'or') return truthOf(right) === undefined ? left : right;
        return truthOf(right) === false ? right : left;
      }
      return truth === (node.operator === 'or') ? left : value(node.right);
    }
    case 'compare': {
      const operands = node.operands.map(value);
      let known = true;
      for (let i = 0; i < node.operators.length; i++) {
        const result = compare(node.operators[i], operands[i], operands[i + 1]);
        if (result === false) return FALSE;
        if (result === undefined) known = false;
      }
      if (known) return TRUE;
      return operands.find((v) => v.kind === 'unknown') ?? unknown('a comparison of values that are not known');
    }
    case 'call':
      return machine.home.inCall(node.range, () => evaluateCall(node, scope, machine));
    case 'attribute':
      return getAttribute(value(node.object), node.name, machine, node.range);
    case 'subscript':
      return getItem(value(node.object), value(node.index), machine, node.range);
    case 'slice': {
      const part = (e: Expression | null) => (e ? value(e) : NONE);
      return { kind: 'slice', lower: part(node.lower), upper: part(node.upper), step: part(node.step) };
    }
    case 'lambda':
      return {
        kind: 'function',
        name: 'lambda',
        parameters: node.parameters,
        defaults: evaluateDefaults(node.parameters, scope, machine),
        body: node.body,
        isGenerator: false,
        closure: scope,
        range: node.range,
      };
    case 'conditional': {
      const truth = truthOf(value(node.test));
      if (truth !== undefined) return value(truth ? node.then : node.otherwise);
      const then = value(node.then);
      return then.kind === 'unknown' || then.kind === 'none' ? value(node.otherwise) : then;
    }
    case 'comprehension':
      return evaluateComprehension(node, scope, machine);
    case 'starred':
      return value(node.value);
    case 'yield':
      if (node.value) value(node.value);
      return unknown('what is sent into a generator');
    case 'walrus': {
      const result = value(node.value);
      scope.set(node.name, result);
      return result;
    }
    case 'unsupported':
      return unknown(`Python's ${node.type.replace(/_/g, ' ')}, which is not followed here`);
  }
}

const noArguments = (site: Arguments['site']): Arguments => ({ positional: [], keywords: new Map(), site, hasUnknownSpread: false });

/** A binary operator; front-end objects on either side have the first say. */
export function applyBinary(operator: string, left: Value, right: Value, site: Arguments['site'], machine: Machine): Value {
  const args = noArguments(site);
  if (left.kind === 'host') {
    const result = left.object.binary(operator, right, false, args, machine);
    if (result) return result;
  }
  if (right.kind === 'host') {
    const result = right.object.binary(operator, left, true, args, machine);
    if (result) return result;
  }
  if (operator === '%' && left.kind === 'str') return percentFormat(left.value, right);
  return binaryOperation(operator, left, right);
}

function lookUp(name: string, scope: Scope, machine: Machine): Value {
  const found = scope.get(name);
  if (found) return found;
  if (name === '__name__') return str('__main__');
  if (isBuiltin(name)) return external(`builtins.${name}`);
  const resolved = resolveExternal(`?.${name}`, machine);
  if (resolved.kind !== 'external') return resolved;
  const [star] = machine.starImports;
  return star ? external(`?.${name}`) : unknown(`"${name}" is not defined in this file`);
}

function evaluateString(parts: (Expression & { kind: 'string' })['parts'], scope: Scope, machine: Machine): Value {
  let result = '';
  for (const part of parts) {
    if (typeof part === 'string') result += part;
    else {
      const value = evaluate(part.value, scope, machine);
      const text = part.conversion === 'r' && value.kind === 'str' ? `'${value.value}'` : formatValue(value, part.format);
      if (text === null) return value.kind === 'unknown' ? value : unknown('a formatted text');
      result += text;
    }
  }
  return str(result);
}

/** Items of a display such as `[a, *b]`; null when a starred part is not known. */
function sequenceItems(items: Expression[], scope: Scope, machine: Machine): Value[] | null {
  const result: Value[] = [];
  for (const item of items) {
    if (item.kind !== 'starred') result.push(evaluate(item, scope, machine));
    else {
      const spread = iterate(evaluate(item.value, scope, machine), machine);
      if (!spread) return null;
      result.push(...spread);
    }
  }
  return result;
}

function evaluateDict(entries: { key: Expression | null; value: Expression }[], scope: Scope, machine: Machine): Value {
  const result: DictValue = { kind: 'dict', entries: new Map() };
  for (const entry of entries) {
    const value = evaluate(entry.value, scope, machine);
    if (!entry.key) {
      if (value.kind === 'dict') for (const [k, v] of value.entries) result.entries.set(k, v);
      continue;
    }
    const key = evaluate(entry.key, scope, machine);
    const id = dictKey(key);
    if (id !== null) result.entries.set(id, { key, value });
  }
  return result;
}

/** Default values are evaluated once, where the function is defined. */
export function evaluateDefaults(parameters: FunctionValue['parameters'], scope: Scope, machine: Machine): Map<string, Value> {
  const result = new Map<string, Value>();
  for (const p of parameters) if (p.defaultValue) result.set(p.name, evaluate(p.defaultValue, scope, machine));
  return result;
}

function evaluateCall(node: Expression & { kind: 'call' }, scope: Scope, machine: Machine): Value {
  if (node.callee.kind === 'attribute' && isSuperCall(node.callee.object, scope)) {
    const self = scope.get('__self__');
    const owner = scope.get('__class__');
    if (self && owner?.kind === 'class') {
      const method = superAttribute(self, owner, node.callee.name, machine);
      return callValue(method, evaluateArguments(node.arguments, node.range, scope, machine), machine);
    }
  }
  const callee = evaluate(node.callee, scope, machine);
  return callValue(callee, evaluateArguments(node.arguments, node.range, scope, machine), machine);
}

function isSuperCall(node: Expression, scope: Scope): boolean {
  return node.kind === 'call' && node.callee.kind === 'name' && node.callee.id === 'super' && !scope.get('super');
}

export function evaluateArguments(nodes: Argument[], site: Arguments['site'], scope: Scope, machine: Machine): Arguments {
  const args: Arguments = { positional: [], keywords: new Map(), site, hasUnknownSpread: false };
  for (const node of nodes) {
    const value = evaluate(node.value, scope, machine);
    if (node.kind === 'positional') args.positional.push(value);
    else if (node.kind === 'keyword') args.keywords.set(node.name, value);
    else if (node.kind === 'spread') {
      const items = iterate(value, machine);
      if (items) args.positional.push(...items);
      else args.hasUnknownSpread = true;
    } else if (value.kind === 'dict') {
      for (const entry of value.entries.values()) {
        const key = textOf(entry.key);
        if (key !== null) args.keywords.set(key, entry.value);
      }
    } else args.hasUnknownSpread = true;
  }
  return args;
}
