import type { Machine } from '../python/machine';
import { host, type Arguments, type Value } from '../python/value';
import { ModuleContainer, type ContainerKind } from './moduleContainer';
import { moduleDefinition } from './moduleTable';
import { completeSize, takenFromInput } from './openSizes';
import { ParameterHandle } from './parameterHandle';
import { iterate } from '../python/iterate';
import { TorchModule } from './torchModule';
import type { TorchSession } from './torchSession';
import { makeLoss } from './training/losses';

const CONTAINERS: Record<string, ContainerKind> = {
  Sequential: 'Sequential',
  ModuleList: 'ModuleList',
  ModuleDict: 'ModuleDict',
  ParameterList: 'ParameterList',
};

/** Makes an object of a class of `torch.nn`; undefined for names that are none, or not known here. */
export function makeModule(session: TorchSession, name: string, args: Arguments, machine: Machine): Value | undefined {
  if (Object.hasOwn(CONTAINERS, name)) {
    const container = new ModuleContainer(CONTAINERS[name], args.site, machine, session);
    if (name === 'ParameterList') {
      for (const v of iterate(args.positional[0] ?? { kind: 'none' }, machine) ?? [])
        if (v.kind === 'host' && v.object instanceof ParameterHandle) container.ownParameters.push(v.object);
    } else container.fill(args);
    if (name === 'Sequential') session.register(host(container), args.site);
    return host(container);
  }
  const open = takenFromInput(session, name, completeSize(session, name, args));
  const definition = moduleDefinition(open.className);
  if (definition) {
    machine.changes++;
    return host(new TorchModule(definition, open.args, args.site));
  }
  return makeLoss(session, name, args);
}
