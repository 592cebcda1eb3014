import { NONE, dict, list, native, unknown, type Arguments, type Value } from '../python/value';
import type { Call } from './builtinMembers';
import { isFunction } from './scriptFunction';

/** React and what has the same hooks. */
export const REACT = /^(react|preact(\/hooks)?|preact\/compat)$/;

/**
 * What one of React's hooks gives while a component is looked at once; undefined for what is none of them.
 * @param hook the name without the module: `useRef`
 */
export function reactHook(hook: string, args: Arguments, call: Call): Value | undefined {
  const [first = NONE] = args.positional;
  switch (hook) {
    case 'useRef':
    case 'createRef':
      return dict([['current', first.kind === 'none' ? unknown('what a reference of React refers to') : first]]);
    case 'useState': {
      const state = isFunction(first) ? call(first, [], args.site) : first;
      // What a program starts with in these is not what it has when it builds a model.
      const isOpen = state.kind === 'none' || state.kind === 'bool' || (state.kind === 'list' && state.items.length === 0);
      const set = native('the setter of a state', ({ positional: [next], site }) => {
        if (next && isFunction(next)) call(next, [unknown('the state before')], site);
        return NONE;
      });
      return list([isOpen ? unknown('a state that React keeps') : state, set]);
    }
    case 'useMemo':
      return isFunction(first) ? call(first, [], args.site) : first;
    case 'useCallback':
    case 'memo':
    case 'forwardRef':
      return first;
    default:
      return undefined;
  }
}
