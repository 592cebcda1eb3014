import type { JsonValue } from '../../common/json';
import { HostObject } from '../python/hostObject';
import type { Value } from '../python/value';

/** A host object that has a place in a configuration: an initialiser, a regulariser, a loss. */
export abstract class ConfigObject extends HostObject {
  abstract toJson(): JsonValue;
}

/** A value that is not known where a configuration needs one. */
export class UnknownSetting extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/**
 * A Python value as a configuration holds it. Functions and classes become their names.
 * @throws UnknownSetting
 */
export function toJson(value: Value): JsonValue {
  switch (value.kind) {
    case 'none':
      return null;
    case 'bool':
    case 'int':
    case 'str':
      return value.value;
    case 'float':
      return Number.isFinite(value.value) ? value.value : null;
    case 'tuple':
    case 'list':
      return value.items.map(toJson);
    case 'range':
    case 'set':
      throw new UnknownSetting(`a ${value.kind} is not a setting`);
    case 'dict':
      return Object.fromEntries([...value.entries.values()].map((e) => [String(toJson(e.key)), toJson(e.value)]));
    case 'external':
      return value.path.split('.').at(-1) ?? value.path;
    case 'class':
    case 'function':
    case 'native':
      return value.name;
    case 'instance':
      return { class_name: value.class.name, config: {} };
    case 'host':
      if (value.object instanceof ConfigObject) return value.object.toJson();
      throw new UnknownSetting(`${value.object.description} is not a setting`);
    case 'unknown':
      throw new UnknownSetting(value.reason);
    default:
      throw new UnknownSetting(`a value of the kind ${value.kind} is not a setting`);
  }
}
