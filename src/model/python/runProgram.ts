import { execute } from './execute';
import { BudgetExceeded, PythonError, type Machine } from './machine';
import type { ParsedPython } from './parsePython';
import { Scope } from './scope';

/**
 * Runs a file top to bottom over what can be known. A statement that fails is noted and left behind; the next ones still run.
 * @returns the module's names
 */
export function runProgram(program: ParsedPython, machine: Machine): Scope {
  const scope = new Scope(null, machine.journal);
  for (const range of program.errors) {
    machine.note('warning', 'syntax-error', "This is not valid Python; it is left out when the file's models are read.", range);
  }
  for (const statement of program.body) {
    try {
      execute(statement, scope, machine);
    } catch (error) {
      if (error instanceof PythonError) {
        machine.note('warning', 'program-raises', `Read as it stands, the program stops here with ${error.type}.`, statement.range);
      } else if (error instanceof BudgetExceeded) {
        machine.note(
          'warning',
          'too-long',
          'The program could not be followed further than this: it takes too many steps.',
          statement.range,
        );
        break;
      } else throw error;
    }
  }
  return scope;
}
