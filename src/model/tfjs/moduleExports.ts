import type * as t from '@babel/types';

/** What a module exports under its names: something of its own, or something of another module. */
export interface ExportTable {
  named: Map<string, { local: string } | { from: string; name: string }>;
  /** Modules whose exports are all passed on. */
  stars: string[];
}

/** The `export` statements of a module. */
export function exportsOf(program: t.Program): ExportTable {
  const table: ExportTable = { named: new Map(), stars: [] };
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') table.stars.push(statement.source.value);
    else if (statement.type === 'ExportDefaultDeclaration')
      table.named.set('default', { local: nameOf(statement.declaration) ?? 'default' });
    else if (statement.type === 'ExportNamedDeclaration') addNamed(table, statement);
  }
  return table;
}

function addNamed(table: ExportTable, statement: t.ExportNamedDeclaration): void {
  const { declaration, source } = statement;
  if (declaration?.type === 'VariableDeclaration') {
    for (const d of declaration.declarations) for (const name of patternNames(d.id)) table.named.set(name, { local: name });
  } else if (declaration) {
    const name = nameOf(declaration);
    if (name !== null) table.named.set(name, { local: name });
  }
  for (const s of statement.specifiers) {
    const exported = s.exported.type === 'Identifier' ? s.exported.name : s.exported.value;
    if (s.type === 'ExportSpecifier')
      table.named.set(exported, source ? { from: source.value, name: s.local.name } : { local: s.local.name });
    else if (source) table.named.set(exported, { from: source.value, name: s.type === 'ExportNamespaceSpecifier' ? '*' : 'default' });
  }
}

function nameOf(node: t.Node): string | null {
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration' || node.type === 'TSEnumDeclaration')
    return node.id?.name ?? null;
  if (node.type === 'TSModuleDeclaration') return node.id.type === 'Identifier' ? node.id.name : null;
  return null;
}

function patternNames(node: t.Node): string[] {
  switch (node.type) {
    case 'Identifier':
      return [node.name];
    case 'ObjectPattern':
      return node.properties.flatMap((p) => patternNames(p.type === 'RestElement' ? p.argument : p.value));
    case 'ArrayPattern':
      return node.elements.flatMap((e) => (e ? patternNames(e) : []));
    case 'AssignmentPattern':
      return patternNames(node.left);
    case 'RestElement':
      return patternNames(node.argument);
    default:
      return [];
  }
}
