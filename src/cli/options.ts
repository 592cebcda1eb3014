import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from './userError';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command's arguments.
 * @param count how many positional arguments the command takes
 * @throws UserError that shows the usage.
 */
export function parseCommand<const O extends OptionsConfig>(args: string[], usage: string, count: number, options: O) {
  try {
    const parsed = parseArgs({ args, allowPositionals: true, options });
    if (parsed.positionals.length !== count) throw new Error(`${count === 1 ? 'one argument is' : `${count} arguments are`} needed`);
    return parsed;
  } catch (error) {
    // Node's own hint on arguments that begin with a dash helps nobody here.
    const what = (error as Error).message.replace(/\. To specify a positional argument.*/s, '').replace(/\.$/, '');
    throw new UserError('kernelscope', 1, `${what}; usage: kernelscope ${usage}`);
  }
}

/**
 * A whole number of an option, or null when it was not given.
 * @throws UserError when it is something else.
 */
export function wholeNumber(name: string, value: string | undefined, least: number): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least || value.trim() === '')
    throw new UserError('kernelscope', 1, `--${name} is ${value}; give a whole number of at least ${least}`);
  return number;
}
