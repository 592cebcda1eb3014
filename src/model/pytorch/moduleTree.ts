import type { Value } from '../python/value';
import { ModuleContainer } from './moduleContainer';
import { ParameterHandle } from './parameterHandle';
import { ModuleState, TorchModule } from './torchModule';

/** What identifies a module: the object behind the value. Null for values that are no modules. */
export function moduleKey(value: Value | undefined): object | null {
  if (value?.kind === 'host') return value.object instanceof TorchModule || value.object instanceof ModuleContainer ? value.object : null;
  return value?.kind === 'instance' && value.host instanceof ModuleState ? value : null;
}

/** The modules right inside a module, by attribute name, in the order of assignment. */
export function childModules(module: Value): [name: string, child: Value][] {
  if (module.kind === 'host') return module.object instanceof ModuleContainer ? [...module.object.entries] : [];
  if (module.kind !== 'instance') return [];
  const base = module.host instanceof ModuleState ? module.host.base : null;
  const own: [string, Value][] = base ? childModules(base) : [];
  for (const field of module.fields) if (moduleKey(field[1]) !== null) own.push(field);
  return own;
}

/** A module and all modules in it with their attribute paths; each one once, under its first path. */
export function modulesIn(root: Value, prefix = ''): [path: string, module: Value][] {
  const seen = new Set<object>();
  const found: [string, Value][] = [];
  const visit = (module: Value, path: string): void => {
    const key = moduleKey(module);
    if (!key || seen.has(key)) return;
    seen.add(key);
    found.push([path, module]);
    for (const [name, child] of childModules(module)) visit(child, path ? `${path}.${name}` : name);
  };
  visit(root, prefix);
  return found;
}

/** Modules that stand in plain lists or dicts of a module: PyTorch does not see them, but the forward pass may use them. */
export function listedModules(module: Value): [name: string, module: Value][] {
  if (module.kind !== 'instance') return [];
  const isCollection = (v: Value) => v.kind === 'list' || v.kind === 'tuple' || v.kind === 'dict';
  return [...module.fields].flatMap(([name, value]) => {
    if (!isCollection(value)) return [];
    const items: [string, Value][] =
      value.kind === 'list' || value.kind === 'tuple'
        ? value.items.map((v, i) => [String(i), v])
        : value.kind === 'dict'
          ? [...value.entries.values()].map((e) => [e.key.kind === 'str' ? e.key.value : '?', e.value])
          : [];
    return items.filter(([, item]) => moduleKey(item) !== null).map(([key, item]): [string, Value] => [`${name}.${key}`, item]);
  });
}

/** All modules inside of plain lists and dicts, with their paths. */
function hiddenModules(module: Value): [path: string, module: Value][] {
  return modulesIn(module).flatMap(([path, inner]) =>
    listedModules(inner).flatMap(([name, item]) => modulesIn(item, path ? `${path}.${name}` : name)),
  );
}

/** Attribute paths of all modules of a network, the hidden ones too. */
export function modulePaths(root: Value): Map<object, string> {
  const paths = new Map<object, string>();
  for (const [path, module] of [...modulesIn(root), ...hiddenModules(root)]) {
    const key = moduleKey(module);
    if (key && !paths.has(key)) paths.set(key, path);
    const base = module.kind === 'instance' && module.host instanceof ModuleState ? module.host.base : null;
    if (base?.kind === 'host' && !paths.has(base.object)) paths.set(base.object, path);
  }
  return paths;
}

/** The weights PyTorch's `parameters()` gives, each one once, with their names. */
export function parametersIn(root: Value): [name: string, parameter: ParameterHandle][] {
  const result = new Map<ParameterHandle, string>();
  for (const [path, module] of modulesIn(root)) {
    const join = (name: string) => (path ? `${path}.${name}` : name);
    const object = module.kind === 'host' ? module.object : null;
    if (object instanceof TorchModule) for (const p of object.parameters) if (!result.has(p)) result.set(p, join(p.name));
    if (object instanceof ModuleContainer) for (const p of object.ownParameters) if (!result.has(p)) result.set(p, join(p.name));
    if (module.kind !== 'instance') continue;
    const base = module.host instanceof ModuleState ? module.host.base : null;
    if (base?.kind === 'host' && base.object instanceof TorchModule) {
      for (const p of base.object.parameters) if (!result.has(p)) result.set(p, join(p.name));
    }
    for (const [name, value] of module.fields) {
      const object = value.kind === 'host' ? value.object : null;
      if (object instanceof ParameterHandle && object.owner === null && !result.has(object)) result.set(object, join(name));
    }
  }
  return [...result].map(([p, name]) => [name, p]);
}
