import type { SourceRange } from '../../common/modelSpec';

/** Python's syntax as the evaluator walks it: a small tree of plain objects, each with its place in the text. */
interface Located {
  range: SourceRange;
}

export type Expression = Located &
  (
    | { kind: 'name'; id: string }
    | { kind: 'int'; value: number }
    | { kind: 'float'; value: number }
    | { kind: 'string'; parts: (string | FormattedPart)[] }
    | { kind: 'bytes' }
    | { kind: 'none' }
    | { kind: 'bool'; value: boolean }
    | { kind: 'ellipsis' }
    | { kind: 'sequence'; type: 'tuple' | 'list' | 'set'; items: Expression[] }
    | { kind: 'dict'; entries: { key: Expression | null; value: Expression }[] }
    | { kind: 'unary'; operator: '-' | '+' | '~' | 'not'; operand: Expression }
    | { kind: 'binary'; operator: string; left: Expression; right: Expression }
    | { kind: 'logical'; operator: 'and' | 'or'; left: Expression; right: Expression }
    | { kind: 'compare'; operators: string[]; operands: Expression[] }
    | { kind: 'call'; callee: Expression; arguments: Argument[] }
    | { kind: 'attribute'; object: Expression; name: string }
    | { kind: 'subscript'; object: Expression; index: Expression }
    | { kind: 'slice'; lower: Expression | null; upper: Expression | null; step: Expression | null }
    | { kind: 'lambda'; parameters: Parameter[]; body: Expression }
    | { kind: 'conditional'; test: Expression; then: Expression; otherwise: Expression }
    | { kind: 'comprehension'; type: 'list' | 'set' | 'dict' | 'generator'; key: Expression | null; value: Expression; clauses: Clause[] }
    | { kind: 'starred'; value: Expression }
    | { kind: 'yield'; value: Expression | null; isFrom: boolean }
    | { kind: 'walrus'; name: string; value: Expression }
    | { kind: 'unsupported'; type: string }
  );

/** `{value!r:format}` inside an f-string. */
export interface FormattedPart {
  value: Expression;
  conversion: string;
  format: string;
}

export interface Argument {
  kind: 'positional' | 'keyword' | 'spread' | 'spreadKeywords';
  name: string;
  value: Expression;
}

export interface Parameter {
  name: string;
  kind: 'plain' | 'keywordOnly' | 'rest' | 'restKeywords';
  defaultValue: Expression | null;
  range: SourceRange;
}

/** `for target in iterable if condition…` of a comprehension. */
export interface Clause {
  target: Expression;
  iterable: Expression;
  conditions: Expression[];
}

export interface FunctionDefinition {
  name: string;
  parameters: Parameter[];
  body: Statement[];
  decorators: Expression[];
  isGenerator: boolean;
}

export type Statement = Located &
  (
    | { kind: 'expression'; value: Expression }
    | { kind: 'assign'; targets: Expression[]; value: Expression }
    | { kind: 'augmentedAssign'; target: Expression; operator: string; value: Expression }
    | { kind: 'if'; test: Expression; then: Statement[]; otherwise: Statement[] }
    | { kind: 'for'; target: Expression; iterable: Expression; body: Statement[]; otherwise: Statement[] }
    | { kind: 'while'; test: Expression; body: Statement[]; otherwise: Statement[] }
    | { kind: 'function'; definition: FunctionDefinition }
    | { kind: 'class'; name: string; bases: Expression[]; decorators: Expression[]; body: Statement[] }
    | { kind: 'return'; value: Expression | null }
    | { kind: 'raise'; value: Expression | null }
    | { kind: 'try'; body: Statement[]; handlers: Handler[]; otherwise: Statement[]; finalizer: Statement[] }
    | { kind: 'with'; items: { value: Expression; target: Expression | null }[]; body: Statement[] }
    | { kind: 'import'; module: string; alias: string | null }
    | { kind: 'importFrom'; module: string; names: { name: string; alias: string | null }[] | '*' }
    | { kind: 'delete'; targets: Expression[] }
    | { kind: 'global'; names: string[] }
    | { kind: 'break' }
    | { kind: 'continue' }
    | { kind: 'pass' }
  );

export interface Handler {
  type: Expression | null;
  name: string | null;
  body: Statement[];
}
