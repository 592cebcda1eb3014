import { NONE, native, unknown, type Value } from '../python/value';
import type { Call } from './builtinMembers';

/** `then`, `catch`, `finally` of a value: following a script never waits, so that a promise is the value it will have. */
export function promiseMember(value: Value, name: string, call: Call): Value | undefined {
  switch (name) {
    case 'then':
      return native(name, ({ positional: [next], site }) => (next && next.kind !== 'none' ? call(next, [value], site) : value));
    case 'catch':
      return native(name, () => value);
    case 'finally':
      return native(name, ({ positional: [next], site }) => {
        if (next) call(next, [], site);
        return value;
      });
    default:
      return undefined;
  }
}

/** `new Promise((resolve, reject) => …)`: what the function resolves it with. */
export function makePromise(executor: Value | undefined, call: Call, site: Parameters<Call>[2]): Value {
  let result: Value | null = null;
  const resolve = native('resolve', ({ positional: [value = NONE] }) => {
    result ??= value;
    return NONE;
  });
  if (executor) call(executor, [resolve, native('reject', () => NONE)], site);
  return result ?? unknown('what a promise gives when it is kept');
}
