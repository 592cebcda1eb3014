import type { Statement } from '../python/ast';

/** One import statement: the dotted name after `from` or `import`, leading dots included, and the names it takes out of it. */
export interface PythonImport {
  module: string;
  names: string[];
}

/** Every import of a program, those inside of functions and branches too. */
export function importsOf(body: readonly Statement[]): PythonImport[] {
  const found = new Map<string, PythonImport>();
  const visit = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      switch (s.kind) {
        case 'import':
          add(found, { module: s.module, names: [] });
          break;
        case 'importFrom':
          add(found, { module: s.module, names: s.names === '*' ? [] : s.names.map((n) => n.name) });
          break;
        case 'function':
          visit(s.definition.body);
          break;
        case 'class':
        case 'with':
          visit(s.body);
          break;
        case 'if':
          visit(s.then);
          visit(s.otherwise);
          break;
        case 'for':
        case 'while':
          visit(s.body);
          visit(s.otherwise);
          break;
        case 'try':
          for (const part of [s.body, ...s.handlers.map((h) => h.body), s.otherwise, s.finalizer]) visit(part);
          break;
        default:
      }
    }
  };
  visit(body);
  return [...found.values()];
}

function add(found: Map<string, PythonImport>, { module, names }: PythonImport): void {
  const known = found.get(module);
  if (known) known.names.push(...names);
  else found.set(module, { module, names });
}
