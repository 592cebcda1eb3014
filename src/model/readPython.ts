import type { JsonValue } from '../common/json';
import type { ModelSource } from '../common/modelSpec';
import { loadPythonModules, PythonModules } from './imports/pythonModules';
import { seenFromHome } from './imports/seenFromHome';
import type { SourceFiles } from './imports/sourceFiles';
import { DiskFacts } from './disk/diskFacts';
import { readKeras } from './keras/readKeras';
import { Machine } from './python/machine';
import { ModuleRunner } from './python/moduleRunner';
import { parseParts, type PythonPart } from './python/parsePython';
import { isPytorch, readParsedPytorch } from './pytorch/readPytorch';

/** A folder's names may lead to further folders. */
const MAX_ROUNDS = 3;

const KERAS = /^[ \t]*(?:import|from)[ \t]+(?:keras|tensorflow|tf_keras)\b|\btf\.keras\b/m;

/** Where a program lies, and the files around it that it may import. */
export interface ProgramPlace {
  /** Absolute, `/`-separated. */
  path: string;
  files: SourceFiles | null;
}

/** Reads the models of a Python program, given whole or as the cells of a notebook, with the front end of the framework it imports. */
export async function readPython(
  parts: readonly PythonPart[],
  assumptions: Readonly<Record<string, JsonValue>>,
  { path, files }: ProgramPlace,
): Promise<ModelSource> {
  const own = parts.map((p) => p.text).join('\n');
  const program = await parseParts(parts);
  const modules = files ? await loadPythonModules(program, path, files) : new PythonModules();
  const text = [own, modules.text].join('\n');
  const disk = files ? new DiskFacts(path, files) : null;
  await disk?.answer();
  const machineFor = (): Machine => {
    const machine = new Machine([], assumptions);
    machine.modules = new ModuleRunner(modules, path, machine);
    machine.disk = disk;
    return machine;
  };
  const seen = (source: ModelSource, machine: Machine): ModelSource =>
    modules.files.length === 0 ? source : { ...seenFromHome(source, path, (r) => machine.home.of(r)), imports: modules.files };

  const run = async (): Promise<ModelSource> => {
    const first = machineFor();
    const readFirst = isPytorch(own) || (isPytorch(text) && !KERAS.test(own)) ? readParsedPytorch : readKeras;
    const source = seen(await readFirst(program, text, first), first);
    // Some programs import both; what they build decides.
    if (source.models.length > 0 || readFirst === readKeras || !KERAS.test(text)) return source;
    const second = machineFor();
    const other = seen(readKeras(program, text, second), second);
    return other.models.length > 0 ? other : source;
  };
  let source = await run();
  // What it asked of the disk may make it build something else.
  for (let round = 0; disk && round < MAX_ROUNDS && (await disk.answer()); round++) source = await run();
  const paths = disk?.paths ?? [];
  return paths.length === 0 ? source : { ...source, imports: [...(source.imports ?? []), ...paths] };
}
