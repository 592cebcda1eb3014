import type * as t from '@babel/types';
import { unknown, type Value } from '../python/value';
import type { ScriptEvaluator } from './scriptEvaluator';
import type { ScriptScope } from './scriptScope';

/** An element of JSX is nothing that a model is made of, but the functions in it may be: handlers and render functions. */
export function lookIntoElement(e: ScriptEvaluator, node: t.JSXElement | t.JSXFragment, scope: ScriptScope): Value {
  if (node.type === 'JSXElement')
    for (const attribute of node.openingElement.attributes) {
      if (attribute.type === 'JSXSpreadAttribute') e.evaluate(attribute.argument, scope);
      else if (attribute.value?.type === 'JSXExpressionContainer') lookInto(e, attribute.value, scope);
    }
  for (const child of node.children) {
    if (child.type === 'JSXElement' || child.type === 'JSXFragment') lookIntoElement(e, child, scope);
    else if (child.type === 'JSXExpressionContainer') lookInto(e, child, scope);
  }
  return unknown('an element of a page');
}

function lookInto(e: ScriptEvaluator, { expression }: t.JSXExpressionContainer, scope: ScriptScope): void {
  if (expression.type !== 'JSXEmptyExpression') e.evaluate(expression, scope);
}
