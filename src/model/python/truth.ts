import type { Value } from './value';

/** `bool(value)`; undefined when it can't be known. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'none':
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'float':
      return value.value !== 0;
    case 'str':
      return value.value !== '';
    case 'tuple':
    case 'list':
      return value.items.length > 0;
    case 'dict':
    case 'set':
      return value.entries.size > 0;
    case 'range':
      return value.step > 0 ? value.stop > value.start : value.stop < value.start;
    case 'host':
      return value.object.truth();
    case 'unknown':
    case 'external':
    case 'array':
      return undefined;
    default:
      return true;
  }
}
