import type { SourceRange } from '../../common/modelSpec';
import type { PythonModule, PythonModules } from '../imports/pythonModules';
import type { Machine } from './machine';
import { runStatements } from './runProgram';
import { Scope } from './scope';
import { str, type ModuleValue } from './value';

/** Runs the workspace's own modules over what can be known, each once, when it is first imported. */
export class ModuleRunner {
  private readonly loaded = new Map<string, ModuleValue>();

  constructor(
    private readonly modules: PythonModules,
    /** The path of the file that was asked for. */
    private readonly home: string,
    private readonly machine: Machine,
  ) {}

  /** What `import name` at `site` means; null when it is no module of the workspace. A module that is still running is given as it is. */
  import(name: string, site: SourceRange): ModuleValue | null {
    const module = this.modules.find(site.file ?? this.home, name);
    return module && (this.loaded.get(module.path) ?? this.run(module, site));
  }

  /** A module inside of a package that something has imported. */
  inFolder(module: ModuleValue, name: string): ModuleValue | null {
    const folder = module.path.replace(/\/__init__\.py$/, '');
    return this.loaded.get(`${folder}/${name}.py`) ?? this.loaded.get(`${folder}/${name}/__init__.py`) ?? null;
  }

  private run(module: PythonModule, site: SourceRange): ModuleValue {
    const { machine } = this;
    const scope = new Scope(null, machine.journal);
    const value: ModuleValue = { kind: 'module', path: module.path, name: module.name, scope };
    this.loaded.set(module.path, value);
    scope.set('__name__', str(module.name));
    const { changes } = machine;
    // A module stays imported even if the branch that imported it first is taken back.
    machine.journal.permanently(() =>
      machine.home.inImport(site, module.path, () => machine.nested(() => runStatements(module.program.body, scope, machine))),
    );
    machine.changes = changes;
    return value;
  }
}
