import { ShapeError } from '../keras/shapes';
import { array } from '../python/arrayValue';
import type { Machine } from '../python/machine';
import { host, tuple, unknown, type Arguments, type Value } from '../python/value';
import { readSettings } from './arguments';
import type { ModuleDefinition } from './moduleDefinition';
import { Probe } from './probe';
import type { TorchModule } from './torchModule';
import { TorchTensor } from './torchTensor';
import { TraceError, type Place } from './tracer';

/** Runs an operation; what it can't do becomes an error at its place. @throws TraceError */
export function guarded<T>(place: Place, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ShapeError)
      throw new TraceError('cannot-build', `"${place.name}" can't be computed: ${error.message}.`, place.source);
    throw error;
  }
}

/** Calls a module of `torch.nn`. */
export function runModule(module: TorchModule, args: Arguments, machine: Machine): Value {
  const input = args.positional[0] ?? args.keywords.get('input') ?? args.keywords.get('x');
  const object = input?.kind === 'host' ? input.object : null;
  const { definition } = module;
  if (object instanceof Probe)
    return definition.run
      ? tuple([object.meet(module.need), unknown('the states of an input that is not known yet')])
      : object.meet(module.need);
  if (object instanceof TorchTensor) {
    const { tracer } = object;
    const path = tracer.paths.get(module);
    const place: Place =
      path === undefined ? tracer.placeOf(definition.className.toLowerCase(), module.source) : { name: path, source: module.source };
    if (module.weights.length > 0 || /^Lazy/.test(definition.className)) place.owner = module;
    if (module.defect !== null)
      throw new TraceError('unknown-argument', `${definition.className} "${place.name}" can't be built: ${module.defect}.`, module.source);
    machine.changes++;
    return guarded(place, () => {
      const given = input === args.positional[0] ? args.positional : [input as Value, ...args.positional];
      const further = ['hx', 'key', 'value'].flatMap((name) => args.keywords.get(name) ?? []);
      const result = definition.run?.(tracer, module.settings, [...given, ...further], place, args);
      return result ?? host(definition.apply(tracer, module.settings, [object], place));
    });
  }
  if (input?.kind === 'array') return array(null);
  return input?.kind === 'unknown' ? input : unknown(`what ${module.description} gives for this input`);
}

/** Uses what a module does as a function: `F.relu(x)`. */
export function useDefinition(definition: ModuleDefinition, name: string, x: TorchTensor, args: Arguments): Value {
  const { settings, defect } = readSettings(definition.parameters, args);
  const place = x.tracer.placeOf(name, args.site);
  if (defect !== null) throw new TraceError('unknown-argument', `${name}() can't be read: ${defect}.`, args.site);
  return guarded(place, () => host(definition.apply(x.tracer, settings, [x], place)));
}
