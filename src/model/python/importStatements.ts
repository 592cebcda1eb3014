import type { Statement } from './ast';
import { moduleMember, resolveExternal } from './attributes';
import type { Machine } from './machine';
import type { Scope } from './scope';
import type { ModuleValue } from './value';

/** `import a.b` and `import a.b as c`. */
export function importModule(node: Statement & { kind: 'import' }, scope: Scope, machine: Machine): void {
  const root = node.module.split('.')[0];
  const own = machine.modules?.import(root, node.range) ?? null;
  if (!own) {
    if (node.alias) scope.set(node.alias, resolveExternal(node.module, machine));
    else scope.set(root, resolveExternal(root, machine));
    return;
  }
  let inner: ModuleValue | null = own;
  const parts = node.module.split('.');
  for (let i = 1; i < parts.length && inner; i++) {
    const next: ModuleValue | null = machine.modules?.import(parts.slice(0, i + 1).join('.'), node.range) ?? null;
    if (next) inner.scope.set(parts[i], next);
    inner = next;
  }
  if (!node.alias) scope.set(root, own);
  else scope.set(node.alias, inner ?? resolveExternal(node.module, machine));
}

/** `from a.b import c as d` and `from a.b import *`. */
export function importFrom(node: Statement & { kind: 'importFrom' }, scope: Scope, machine: Machine): void {
  if (node.module === '__future__') return;
  const own = importParents(node.module, node, machine);
  if (node.names === '*') {
    if (own) importAll(own, scope);
    else importStar(node.module, scope, machine);
    return;
  }
  const separator = node.module.endsWith('.') ? '' : '.';
  for (const { name, alias } of node.names) {
    const path = `${node.module}${separator}${name}`;
    const value = own?.scope.own().get(name) ?? machine.modules?.import(path, node.range) ?? (own && moduleMember(own, name, machine));
    scope.set(alias ?? name, value ?? resolveExternal(path, machine));
  }
}

/** The module `a.b.c`; the packages around it are run first, as Python does. */
function importParents(module: string, node: Statement, machine: Machine): ModuleValue | null {
  if (!machine.modules) return null;
  const parts = module.split('.');
  if (!module.startsWith('.')) for (let i = 1; i < parts.length; i++) machine.modules.import(parts.slice(0, i).join('.'), node.range);
  return machine.modules.import(module, node.range);
}

/** What a module lists in `__all__`, else all its names that don't begin with an underscore. */
function importAll(module: ModuleValue, scope: Scope): void {
  const listed = module.scope.own().get('__all__');
  const names =
    listed?.kind === 'list' || listed?.kind === 'tuple' ? listed.items.flatMap((v) => (v.kind === 'str' ? [v.value] : [])) : null;
  for (const [name, value] of module.scope.own()) {
    if (names?.length ? names.includes(name) : !name.startsWith('_')) scope.set(name, value);
  }
}

function importStar(module: string, scope: Scope, machine: Machine): void {
  const frontend = machine.frontends.find((f) => f.exports(module) !== undefined);
  for (const name of frontend?.exports(module) ?? []) scope.set(name, resolveExternal(`${module}.${name}`, machine));
  if (!frontend) machine.starImports.push(module);
}
