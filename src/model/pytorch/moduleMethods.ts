import { callValue, plainArguments } from '../python/calls';
import { stringOf } from '../python/value';
import type { Machine } from '../python/machine';
import { NONE, TRUE, host, list, native, str, tuple, unknown, type Arguments, type Value } from '../python/value';
import { ModuleContainer } from './moduleContainer';
import { childModules, moduleKey, modulesIn, parametersIn } from './moduleTree';
import { ParameterHandle } from './parameterHandle';
import { truthOf } from '../python/truth';

type Method = (self: Value, args: Arguments, machine: Machine) => Value;

const same: Method = (self) => self;
const nothing: Method = () => NONE;

const pairs = (items: [string, Value][]): Value => list(items.map(([name, value]) => tuple([str(name), value])));

const methods: Record<string, Method> = {
  parameters: (self) => list(parametersIn(self).map(([, p]) => host(p))),
  named_parameters: (self) => pairs(parametersIn(self).map(([name, p]) => [name, host(p)])),
  modules: (self) => list(modulesIn(self).map(([, m]) => m)),
  named_modules: (self) => pairs(modulesIn(self)),
  children: (self) => list(childModules(self).map(([, m]) => m)),
  named_children: (self) => pairs(childModules(self)),
  add_module: (self, args, machine) => {
    const [name, module] = args.positional;
    const text = stringOf(name);
    if (self.kind === 'instance' && text !== null && module) {
      machine.journal.recordMap(self.fields, text);
      self.fields.set(text, module);
    }
    return NONE;
  },
  register_parameter: (self, args, machine) => {
    const [name, value] = args.positional;
    const text = stringOf(name);
    if (self.kind === 'instance' && text !== null && value) {
      machine.journal.recordMap(self.fields, text);
      self.fields.set(text, value);
    }
    return NONE;
  },
  register_buffer: (self, args, machine) => {
    const text = stringOf(args.positional[0]);
    if (self.kind === 'instance' && text !== null) {
      machine.journal.recordMap(self.fields, text);
      self.fields.set(text, args.positional[1] ?? NONE);
    }
    return NONE;
  },
  apply: (self, args, machine) => {
    const [fn] = args.positional;
    // PyTorch visits the inner modules first.
    if (fn) for (const [, module] of modulesIn(self).reverse()) callValue(fn, plainArguments([module], args.site), machine);
    return self;
  },
  requires_grad_: (self, args) => {
    const isTrained = truthOf(args.positional[0] ?? TRUE);
    for (const [, p] of parametersIn(self)) p.setAttribute('requires_grad', { kind: 'bool', value: isTrained !== false });
    return self;
  },
  state_dict: () => unknown('the weights of a model, which training determines'),
  get_submodule: (self, args) => modulesIn(self).find(([path]) => path === stringOf(args.positional[0]))?.[1] ?? unknown('a module'),
  load_state_dict: nothing,
  zero_grad: nothing,
  extra_repr: nothing,
  register_forward_hook: nothing,
  register_full_backward_hook: nothing,
  save_hyperparameters: nothing,
  log: nothing,
  log_dict: nothing,
};
for (const name of 'to cuda cpu eval train float half double bfloat16 type share_memory compile to_empty fuse'.split(' '))
  methods[name] = same;
methods.register_module = methods.add_module;

/** A bound method that every module has; undefined when there is none of that name. */
export function moduleMethod(self: Value, name: string, machine: Machine): Value | undefined {
  if (name === 'training') return TRUE;
  return Object.hasOwn(methods, name) ? native(name, (args) => methods[name](self, args, machine)) : undefined;
}

/** The module that a parameter list given to an optimizer belongs to: the keys of the modules and weights in it. */
export function ownersOf(value: Value): Set<object> {
  const owners = new Set<object>();
  const visit = (v: Value, depth: number): void => {
    if (depth > 4) return;
    if (v.kind === 'list' || v.kind === 'tuple') for (const item of v.items) visit(item, depth + 1);
    else if (v.kind === 'dict') for (const e of v.entries.values()) visit(e.value, depth + 1);
    else if (v.kind === 'host' && v.object instanceof ParameterHandle) owners.add(v.object.owner ?? v.object);
    else if (v.kind === 'host' && v.object instanceof ModuleContainer) owners.add(v.object);
    else {
      const key = moduleKey(v);
      if (key) owners.add(key);
    }
  };
  visit(value, 0);
  return owners;
}
