import type { Statement } from './ast';
import { execute } from './execute';
import { BudgetExceeded, PythonError, type Machine } from './machine';
import type { ParsedPython } from './parsePython';
import { Scope } from './scope';

const STEPS_AFTER_OVERRUN = 50_000;

/**
 * Runs a file top to bottom over what can be known. A statement that fails is noted and left behind; the next ones still run.
 * @returns the module's names
 */
export function runProgram(program: ParsedPython, machine: Machine): Scope {
  const scope = new Scope(null, machine.journal);
  for (const range of program.errors) {
    machine.note(
      'warning',
      'syntax-error',
      'This is not valid Python (a bracket or a quote may be left open) and is left out; correct it to have the whole file read.',
      range,
    );
  }
  runStatements(program.body, scope, machine);
  return scope;
}

/** Runs the statements of a module one by one, leaving behind those that fail. */
export function runStatements(body: readonly Statement[], scope: Scope, machine: Machine): void {
  let overruns = 0;
  for (const statement of body) {
    try {
      execute(statement, scope, machine);
    } catch (error) {
      if (error instanceof PythonError) {
        machine.note('warning', 'program-raises', `Read as it stands, the program stops here with ${error.type}.`, statement.range);
      } else if (error instanceof RangeError) {
        // The engine's own limits: the stack, or the length of a text.
        machine.note(
          'warning',
          'too-deep',
          'This statement is nested too deeply or makes too long a text to be followed.',
          statement.range,
        );
      } else if (error instanceof BudgetExceeded) {
        machine.note(
          'warning',
          'too-long',
          'The program could not be followed to the end of this: it takes too many steps.',
          statement.range,
        );
        // What comes behind a long calculation may still be short.
        if (++overruns > 3) break;
        machine.allowMore(STEPS_AFTER_OVERRUN);
      } else throw error;
    }
  }
}
