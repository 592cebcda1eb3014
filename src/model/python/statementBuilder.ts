import type { Expression, FunctionDefinition, Handler, Statement } from './ast';
import { ExpressionBuilder } from './expressionBuilder';
import type { LineMap } from './lineMap';
import type { SyntaxNode } from './syntaxTree';

/** Turns a concrete syntax tree into `Statement`s. Unreadable pieces are left out; what stands around them stays. */
export class StatementBuilder {
  private readonly expressions: ExpressionBuilder;

  constructor(text: string, lines: LineMap) {
    this.expressions = new ExpressionBuilder(text, lines);
  }

  /** The statements of a module, block or error node. */
  block(node: SyntaxNode | undefined): Statement[] {
    return node ? node.children.filter((c) => c.isNamed).flatMap((c) => this.statement(c)) : [];
  }

  private statement(node: SyntaxNode): Statement[] {
    const range = this.expressions.range(node);
    const field = (name: string) => node.children.find((c) => c.field === name);
    const expression = (child: SyntaxNode) => this.expressions.build(child);
    const named = node.children.filter((c) => c.isNamed && c.type !== 'comment');
    const text = (child: SyntaxNode | undefined) => (child ? this.expressions.textOf(child) : '');
    switch (node.type) {
      case 'expression_statement':
        return named.length > 1
          ? [{ kind: 'expression', value: { kind: 'sequence', type: 'tuple', items: named.map(expression), range }, range }]
          : named.flatMap((c) => this.expressionStatement(c));
      case 'if_statement':
        return [this.ifStatement(node)];
      case 'for_statement': {
        const [left, right] = [field('left'), field('right')];
        if (!left || !right) return [];
        const otherwise = this.block(field('alternative')?.children.find((c) => c.field === 'body'));
        return [{ kind: 'for', target: expression(left), iterable: expression(right), body: this.block(field('body')), otherwise, range }];
      }
      case 'while_statement': {
        const condition = field('condition');
        if (!condition) return [];
        const otherwise = this.block(field('alternative')?.children.find((c) => c.field === 'body'));
        return [{ kind: 'while', test: expression(condition), body: this.block(field('body')), otherwise, range }];
      }
      case 'function_definition':
      case 'class_definition':
        return [this.definition(node, [])];
      case 'decorated_definition': {
        const inner = field('definition');
        const decorators = named.filter((c) => c.type === 'decorator').flatMap((c) => c.children.filter((x) => x.isNamed).map(expression));
        return inner ? [this.definition(inner, decorators)] : [];
      }
      case 'return_statement':
        return [{ kind: 'return', value: named.length ? expression(named[0]) : null, range }];
      case 'raise_statement':
        return [{ kind: 'raise', value: named.length ? expression(named[0]) : null, range }];
      case 'try_statement':
        return [this.tryStatement(node)];
      case 'with_statement': {
        const items = (node.children.find((c) => c.type === 'with_clause')?.children ?? [])
          .filter((c) => c.type === 'with_item')
          .map((c) => this.withItem(c.children.find((x) => x.isNamed)))
          .filter((x) => x !== null);
        return [{ kind: 'with', items, body: this.block(field('body')), range }];
      }
      case 'import_statement':
        return named.map((c): Statement => {
          const name = c.type === 'aliased_import' ? c.children.find((x) => x.field === 'name') : c;
          const alias = c.type === 'aliased_import' ? c.children.find((x) => x.field === 'alias') : undefined;
          return { kind: 'import', module: text(name).replace(/\s+/g, ''), alias: alias ? text(alias) : null, range };
        });
      case 'import_from_statement': {
        const module = text(field('module_name')).replace(/\s+/g, '');
        if (node.children.some((c) => c.type === 'wildcard_import')) return [{ kind: 'importFrom', module, names: '*', range }];
        const names = node.children
          .filter((c) => c.field === 'name')
          .map((c) => {
            const name = c.type === 'aliased_import' ? c.children.find((x) => x.field === 'name') : c;
            const alias = c.type === 'aliased_import' ? c.children.find((x) => x.field === 'alias') : undefined;
            return { name: text(name), alias: alias ? text(alias) : null };
          });
        return [{ kind: 'importFrom', module, names, range }];
      }
      case 'delete_statement':
        return [{ kind: 'delete', targets: named.map(expression), range }];
      case 'global_statement':
      case 'nonlocal_statement':
        return [{ kind: 'global', names: named.map((c) => text(c)), range }];
      case 'break_statement':
        return [{ kind: 'break', range }];
      case 'continue_statement':
        return [{ kind: 'continue', range }];
      case 'print_statement':
        return named.map((c): Statement => ({ kind: 'expression', value: expression(c), range }));
      case 'ERROR':
      case 'block':
        return this.block(node);
      case 'comment':
      case 'pass_statement':
      case 'assert_statement':
      case 'future_import_statement':
      case 'exec_statement':
      case 'type_alias_statement':
        return [];
      case 'match_statement':
        // Each case is a possibility; run as if all were straight code.
        return this.block(field('body'));
      case 'case_clause':
        return this.block(field('consequence'));
      default:
        return this.expressionStatement(node);
    }
  }

  private expressionStatement(node: SyntaxNode): Statement[] {
    const range = this.expressions.range(node);
    if (node.type === 'assignment') {
      const targets: Expression[] = [];
      let value: SyntaxNode | undefined = node;
      while (value?.type === 'assignment') {
        const left: SyntaxNode | undefined = value.children.find((c) => c.field === 'left');
        if (left) targets.push(this.expressions.build(left));
        value = value.children.find((c) => c.field === 'right');
      }
      return value ? [{ kind: 'assign', targets, value: this.expressions.build(value), range }] : [];
    }
    if (node.type === 'augmented_assignment') {
      const child = (name: string) => node.children.find((c) => c.field === name);
      const [left, right, operator] = [child('left'), child('right'), child('operator')];
      if (!left || !right || !operator) return [];
      const target = this.expressions.build(left);
      return [{ kind: 'augmentedAssign', target, operator: operator.type.slice(0, -1), value: this.expressions.build(right), range }];
    }
    const value = this.expressions.build(node);
    return value.kind === 'unsupported' ? [] : [{ kind: 'expression', value, range }];
  }

  private definition(node: SyntaxNode, decorators: Expression[]): Statement {
    const range = this.expressions.range(node);
    const field = (name: string) => node.children.find((c) => c.field === name);
    const nameNode = field('name');
    const name = nameNode ? this.expressions.textOf(nameNode) : '';
    const body = this.block(field('body'));
    if (node.type === 'class_definition') {
      const superclasses = field('superclasses');
      const bases = superclasses ? this.expressions.arguments(superclasses).filter((a) => a.kind === 'positional') : [];
      return { kind: 'class', name, bases: bases.map((a) => a.value), decorators, body, range };
    }
    const parameterNode = field('parameters');
    const parameters = parameterNode ? this.expressions.parameters(parameterNode) : [];
    const definition: FunctionDefinition = { name, parameters, body, decorators, isGenerator: hasYield(field('body')) };
    return { kind: 'function', definition, range };
  }

  private ifStatement(node: SyntaxNode): Statement {
    const clauses = node.children.filter((c) => c.field === 'alternative');
    const build = (clause: SyntaxNode, rest: SyntaxNode[]): Statement => {
      const condition = clause.children.find((c) => c.field === 'condition');
      const range = this.expressions.range(clause);
      const [next, ...others] = rest;
      const otherwise = !next
        ? []
        : next.type === 'elif_clause'
          ? [build(next, others)]
          : this.block(next.children.find((c) => c.field === 'body'));
      const test: Expression = condition ? this.expressions.build(condition) : { kind: 'unsupported', type: 'condition', range };
      return { kind: 'if', test, then: this.block(clause.children.find((c) => c.field === 'consequence')), otherwise, range };
    };
    return build(node, clauses);
  }

  private tryStatement(node: SyntaxNode): Statement {
    const part = (type: string) => node.children.find((c) => c.type === type);
    const handlers = node.children
      .filter((c) => c.type === 'except_clause' || c.type === 'except_group_clause')
      .map((c): Handler => {
        const value = c.children.find((x) => x.field === 'value');
        const { value: type, target } = this.withItem(value) ?? { value: null, target: null };
        const name = target?.kind === 'name' ? target.id : null;
        return { type, name, body: this.block(c.children.find((x) => x.type === 'block')) };
      });
    const otherwise = this.block(part('else_clause')?.children.find((c) => c.field === 'body'));
    const finalizer = this.block(part('finally_clause')?.children.find((c) => c.type === 'block'));
    const body = this.block(node.children.find((c) => c.field === 'body'));
    return { kind: 'try', body, handlers, otherwise, finalizer, range: this.expressions.range(node) };
  }

  /** `value as target`, in a with or except clause. */
  private withItem(node: SyntaxNode | undefined): { value: Expression; target: Expression | null } | null {
    if (!node) return null;
    if (node.type !== 'as_pattern') return { value: this.expressions.build(node), target: null };
    const [value, alias] = node.children.filter((c) => c.isNamed);
    return value ? { value: this.expressions.build(value), target: alias ? this.expressions.build(alias) : null } : null;
  }
}

function hasYield(node: SyntaxNode | undefined): boolean {
  if (!node) return false;
  return node.children.some((c) => c.type === 'yield' || (c.type !== 'function_definition' && c.type !== 'lambda' && hasYield(c)));
}
