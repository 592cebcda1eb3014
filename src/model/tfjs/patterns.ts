import type * as t from '@babel/types';
import { NONE, external, list, unknown, type Value } from '../python/value';
import type { ScriptEvaluator } from './scriptEvaluator';
import { ScriptFunction } from './scriptFunction';
import type { ScriptScope } from './scriptScope';
import { field, keyOf, setField } from './scriptValues';
import { rangeOf } from './parseScript';

/** Gives a value to a target: a name, a property, or a pattern that takes it apart. */
export function bindPattern(e: ScriptEvaluator, target: t.Node | null, value: Value, scope: ScriptScope, isDeclaration: boolean): void {
  if (!target) return;
  switch (target.type) {
    case 'Identifier':
      if (value.kind === 'host' && value.object instanceof ScriptFunction && value.object.name === '') value.object.name = target.name;
      e.library.named(value, target.name, scope.parent === null);
      if (isDeclaration) scope.declare(target.name, value);
      else scope.set(target.name, value);
      return;
    case 'MemberExpression': {
      const object = e.evaluate(target.object, scope);
      const name = e.propertyName(target, scope);
      if (name === null) return;
      e.library.named(value, name, false);
      if (value.kind === 'host' && value.object instanceof ScriptFunction && value.object.name === '') value.object.name = name;
      if (object.kind === 'dict') setField(object, name, value);
      else if (object.kind === 'list' && /^\d+$/.test(name) && Number(name) < 10_000) object.items[Number(name)] = value;
      else if (object.kind === 'host' && object.object instanceof ScriptFunction) setField(object.object.properties, name, value);
      else if (object.kind === 'host') object.object.setAttribute(name, value, e.machine);
      else if (object.kind === 'external' && /^(module|exports|module\.exports|window|globalThis|global)$/.test(object.path))
        e.global.set(name, value);
      return;
    }
    case 'AssignmentPattern': {
      const isMissing = value.kind === 'none' || value.kind === 'unknown';
      const fallback = isMissing ? e.evaluate(target.right, scope) : value;
      bindPattern(e, target.left, value.kind === 'unknown' && fallback.kind === 'none' ? value : fallback, scope, isDeclaration);
      return;
    }
    case 'ArrayPattern':
      target.elements.forEach((element, i) => {
        if (element?.type === 'RestElement')
          bindPattern(e, element.argument, value.kind === 'list' ? list(value.items.slice(i)) : value, scope, isDeclaration);
        else bindPattern(e, element, value.kind === 'list' ? (value.items[i] ?? NONE) : partOf(value), scope, isDeclaration);
      });
      return;
    case 'ObjectPattern':
      for (const property of target.properties) {
        if (property.type === 'RestElement') {
          bindPattern(e, property.argument, value, scope, isDeclaration);
          continue;
        }
        const name = property.key.type === 'Identifier' && !property.computed ? property.key.name : keyOf(e.evaluate(property.key, scope));
        const part =
          name === null
            ? unknown('a property whose name is not known')
            : value.kind === 'dict'
              ? (field(value, name) ?? NONE)
              : value.kind === 'external'
                ? external(`${value.path}.${name}`)
                : e.member(value, name, rangeOf(target), scope);
        bindPattern(e, property.value, part, scope, isDeclaration);
      }
      return;
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      bindPattern(e, target.expression, value, scope, isDeclaration);
      return;
    default:
  }
}

function partOf(value: Value): Value {
  return value.kind === 'unknown' ? value : unknown('a part of a value that is not known');
}
