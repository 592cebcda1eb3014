import type { SourceRange } from '../../common/modelSpec';
import type { Argument, Clause, Expression, FormattedPart, Parameter } from './ast';
import type { LineMap } from './lineMap';
import { parseInteger, unescapePython } from './stringLiteral';
import type { SyntaxNode } from './syntaxTree';

/** Turns expression nodes of the concrete syntax tree into `Expression`s. */
export class ExpressionBuilder {
  constructor(
    private readonly text: string,
    private readonly lines: LineMap,
  ) {}

  range(node: SyntaxNode): SourceRange {
    return this.lines.range(node.start, node.end);
  }

  textOf(node: SyntaxNode): string {
    return this.text.slice(node.start, node.end);
  }

  build(node: SyntaxNode): Expression {
    const range = this.range(node);
    const named = node.children.filter((c) => c.isNamed && c.type !== 'comment' && c.type !== 'line_continuation');
    const field = (name: string) => node.children.find((c) => c.field === name);
    const sub = (name: string): Expression => {
      const child = field(name);
      return child ? this.build(child) : { kind: 'unsupported', type: node.type, range };
    };
    switch (node.type) {
      case 'identifier':
      case 'keyword_identifier':
        return { kind: 'name', id: this.textOf(node), range };
      case 'integer': {
        const text = this.textOf(node);
        return /[jJ]$/.test(text)
          ? { kind: 'unsupported', type: 'complex number', range }
          : { kind: 'int', value: parseInteger(text), range };
      }
      case 'float': {
        const text = this.textOf(node).replace(/_/g, '');
        return /[jJ]$/.test(text) ? { kind: 'unsupported', type: 'complex number', range } : { kind: 'float', value: Number(text), range };
      }
      case 'string':
        return this.string([node], range);
      case 'concatenated_string':
        return this.string(
          named.filter((c) => c.type === 'string'),
          range,
        );
      case 'none':
        return { kind: 'none', range };
      case 'true':
      case 'false':
        return { kind: 'bool', value: node.type === 'true', range };
      case 'ellipsis':
        return { kind: 'ellipsis', range };
      case 'tuple':
      case 'expression_list':
      case 'pattern_list':
      case 'tuple_pattern':
        return { kind: 'sequence', type: 'tuple', items: named.map((c) => this.build(c)), range };
      case 'list':
      case 'list_pattern':
        return { kind: 'sequence', type: 'list', items: named.map((c) => this.build(c)), range };
      case 'set':
        return { kind: 'sequence', type: 'set', items: named.map((c) => this.build(c)), range };
      case 'dictionary':
        return { kind: 'dict', entries: named.map((c) => this.entry(c)), range };
      case 'parenthesized_expression':
      case 'await':
      case 'type':
      case 'as_pattern_target':
        return named.length ? { ...this.build(named[0]), range } : { kind: 'unsupported', type: node.type, range };
      case 'unary_operator':
        return { kind: 'unary', operator: this.operator(node) as '-', operand: sub('argument'), range };
      case 'not_operator':
        return { kind: 'unary', operator: 'not', operand: sub('argument'), range };
      case 'binary_operator':
        return { kind: 'binary', operator: this.operator(node), left: sub('left'), right: sub('right'), range };
      case 'boolean_operator':
        return { kind: 'logical', operator: this.operator(node) as 'and', left: sub('left'), right: sub('right'), range };
      case 'comparison_operator': {
        const operators = node.children.filter((c) => c.field === 'operators').map((c) => this.textOf(c).replace(/\s+/g, ' '));
        return { kind: 'compare', operators, operands: named.filter((c) => c.field !== 'operators').map((c) => this.build(c)), range };
      }
      case 'call': {
        const args = field('arguments');
        return { kind: 'call', callee: sub('function'), arguments: args ? this.arguments(args) : [], range };
      }
      case 'attribute': {
        const name = field('attribute');
        return { kind: 'attribute', object: sub('object'), name: name ? this.textOf(name) : '', range };
      }
      case 'subscript': {
        const indices = node.children.filter((c) => c.field === 'subscript').map((c) => this.build(c));
        const hasComma = indices.length > 1 || node.children.some((c) => c.type === ',');
        const index: Expression = hasComma ? { kind: 'sequence', type: 'tuple', items: indices, range } : indices[0];
        return { kind: 'subscript', object: sub('value'), index: index ?? { kind: 'unsupported', type: 'empty index', range }, range };
      }
      case 'slice':
        return this.slice(node, range);
      case 'lambda': {
        const parameters = field('parameters');
        return { kind: 'lambda', parameters: parameters ? this.parameters(parameters) : [], body: sub('body'), range };
      }
      case 'conditional_expression':
        if (named.length < 3) return { kind: 'unsupported', type: node.type, range };
        return { kind: 'conditional', then: this.build(named[0]), test: this.build(named[1]), otherwise: this.build(named[2]), range };
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
      case 'dictionary_comprehension':
        return this.comprehension(node, named, range);
      case 'list_splat':
      case 'list_splat_pattern':
        return named.length ? { kind: 'starred', value: this.build(named[0]), range } : { kind: 'unsupported', type: node.type, range };
      case 'yield':
        return {
          kind: 'yield',
          value: named.length ? this.build(named[0]) : null,
          isFrom: node.children.some((c) => c.type === 'from'),
          range,
        };
      case 'named_expression': {
        const name = field('name');
        return { kind: 'walrus', name: name ? this.textOf(name) : '', value: sub('value'), range };
      }
      default:
        return { kind: 'unsupported', type: node.type, range };
    }
  }

  parameters(node: SyntaxNode): Parameter[] {
    const result: Parameter[] = [];
    let kind: 'plain' | 'keywordOnly' = 'plain';
    for (const child of node.children) {
      if (!child.isNamed) continue;
      const name = child.children.find((c) => c.field === 'name');
      const value = child.children.find((c) => c.field === 'value');
      const range = this.range(child);
      const inner = child.type === 'typed_parameter' ? child.children.find((c) => c.isNamed) : child;
      if (!inner) continue;
      const nameOf = (n: SyntaxNode) => this.textOf(n.children.find((c) => c.isNamed) ?? n);
      if (inner.type === 'identifier') result.push({ name: this.textOf(inner), kind, defaultValue: null, range });
      else if (name) result.push({ name: this.textOf(name), kind, defaultValue: value ? this.build(value) : null, range });
      else if (inner.type === 'list_splat_pattern') {
        result.push({ name: nameOf(inner), kind: 'rest', defaultValue: null, range });
        kind = 'keywordOnly';
      } else if (inner.type === 'dictionary_splat_pattern')
        result.push({ name: nameOf(inner), kind: 'restKeywords', defaultValue: null, range });
      else if (inner.type === 'keyword_separator') kind = 'keywordOnly';
      else if (inner.type === 'tuple_pattern') result.push({ name: this.textOf(inner), kind, defaultValue: null, range });
    }
    return result;
  }

  arguments(node: SyntaxNode): Argument[] {
    if (node.type === 'generator_expression') return [{ kind: 'positional', name: '', value: this.build(node) }];
    return node.children
      .filter((c) => c.isNamed && c.type !== 'comment' && c.type !== 'line_continuation' && c.type !== 'ERROR')
      .map((c): Argument => {
        if (c.type === 'keyword_argument') {
          const name = c.children.find((x) => x.field === 'name');
          const value = c.children.find((x) => x.field === 'value');
          return {
            kind: 'keyword',
            name: name ? this.textOf(name) : '',
            value: value ? this.build(value) : { kind: 'unsupported', type: 'missing value', range: this.range(c) },
          };
        }
        const inner = c.children.find((x) => x.isNamed);
        if (c.type === 'list_splat' && inner) return { kind: 'spread', name: '', value: this.build(inner) };
        if (c.type === 'dictionary_splat' && inner) return { kind: 'spreadKeywords', name: '', value: this.build(inner) };
        return { kind: 'positional', name: '', value: this.build(c) };
      });
  }

  private operator(node: SyntaxNode): string {
    return node.children.find((c) => c.field === 'operator')?.type ?? '';
  }

  private entry(node: SyntaxNode): { key: Expression | null; value: Expression } {
    const key = node.children.find((c) => c.field === 'key');
    const value = node.children.find((c) => c.field === 'value') ?? node.children.find((c) => c.isNamed);
    return {
      key: key ? this.build(key) : null,
      value: value ? this.build(value) : { kind: 'unsupported', type: node.type, range: this.range(node) },
    };
  }

  private slice(node: SyntaxNode, range: SourceRange): Expression {
    const parts: (Expression | null)[] = [null, null, null];
    let at = 0;
    for (const child of node.children) {
      if (child.type === ':') at++;
      else if (child.isNamed && at < 3) parts[at] = this.build(child);
    }
    return { kind: 'slice', lower: parts[0], upper: parts[1], step: parts[2], range };
  }

  private comprehension(node: SyntaxNode, named: SyntaxNode[], range: SourceRange): Expression {
    const body = named[0];
    const clauses: Clause[] = [];
    for (const child of named.slice(1)) {
      const left = child.children.find((c) => c.field === 'left');
      const right = child.children.find((c) => c.field === 'right');
      const condition = child.children.find((c) => c.isNamed);
      if (child.type === 'for_in_clause' && left && right) {
        clauses.push({ target: this.build(left), iterable: this.build(right), conditions: [] });
      } else if (child.type === 'if_clause' && condition) clauses.at(-1)?.conditions.push(this.build(condition));
    }
    const type = node.type === 'list_comprehension' ? 'list' : node.type === 'set_comprehension' ? 'set' : 'generator';
    if (node.type === 'dictionary_comprehension') {
      const { key, value } = this.entry(body);
      return { kind: 'comprehension', type: 'dict', key, value, clauses, range };
    }
    return { kind: 'comprehension', type, key: null, value: this.build(body), clauses, range };
  }

  private string(nodes: SyntaxNode[], range: SourceRange): Expression {
    const parts: (string | FormattedPart)[] = [];
    const append = (text: string) => {
      const last = parts.length - 1;
      if (typeof parts[last] === 'string') parts[last] += text;
      else parts.push(text);
    };
    for (const node of nodes) {
      const opening = node.children.find((c) => c.type === 'string_start');
      const prefix = opening ? this.textOf(opening).toLowerCase() : '';
      if (/^[a-z]*b/.test(prefix)) return { kind: 'bytes', range };
      const isRaw = /^[a-z]*r/.test(prefix);
      const isFormatted = /^[a-z]*f/.test(prefix);
      const literal = (text: string) => {
        const plain = isFormatted ? text.replace(/\{\{/g, '{').replace(/\}\}/g, '}') : text;
        append(isRaw ? plain : unescapePython(plain));
      };
      for (const child of node.children) {
        if (child.type === 'string_content') literal(this.textOf(child));
        else if (child.type === 'interpolation') {
          const value = child.children.find((c) => c.field === 'expression');
          const conversion = child.children.find((c) => c.field === 'type_conversion');
          const format = child.children.find((c) => c.field === 'format_specifier');
          if (value) {
            parts.push({
              value: this.build(value),
              conversion: conversion ? this.textOf(conversion).slice(1) : '',
              format: format ? this.textOf(format).slice(1) : '',
            });
          }
        }
      }
    }
    return { kind: 'string', parts, range };
  }
}
