import type * as t from '@babel/types';
import { numberOf, str, type DictValue, type Value } from '../python/value';
import type { ScriptEvaluator } from './scriptEvaluator';
import { ScriptScope } from './scriptScope';
import { executeBlock } from './scriptStatements';
import { emptyObject, number, setField } from './scriptValues';

/** `enum`: its members by name, and numbers back to their names. */
export function makeEnum(e: ScriptEvaluator, node: t.TSEnumDeclaration, outer: ScriptScope): DictValue {
  const made = emptyObject();
  const scope = new ScriptScope(outer);
  let next = 0;
  for (const member of node.members) {
    const name = member.id.type === 'Identifier' ? member.id.name : member.id.value;
    const value: Value = member.initializer ? e.evaluate(member.initializer, scope) : number(next);
    const n = numberOf(value);
    if (n !== null) {
      next = n + 1;
      setField(made, String(n), str(name));
    }
    setField(made, name, value);
    // Later members may be stated by earlier ones.
    scope.declare(name, value);
  }
  return made;
}

/** `namespace`: an object of what it declares. */
export function executeNamespace(e: ScriptEvaluator, node: t.TSModuleDeclaration, outer: ScriptScope): void {
  if (node.body.type !== 'TSModuleBlock' || node.id.type !== 'Identifier') return;
  const scope = new ScriptScope(outer);
  executeBlock(e, node.body.body, scope);
  const made = emptyObject();
  for (const [name, value] of scope.own()) setField(made, name, value);
  outer.declare(node.id.name, made);
}
