import { parsePython, type ParsedPython } from '../python/parsePython';
import { importsOf, type PythonImport } from './pythonImports';
import { KnownFiles, folderOf, isInside, normalPath, type SourceFiles } from './sourceFiles';

/** One of the workspace's own modules: a file, a package's `__init__.py`, or a folder without one. */
export interface PythonModule {
  /** Of the file; of the folder where there is none. */
  path: string;
  /** The dotted name it was first imported by. */
  name: string;
  text: string;
  program: ParsedPython;
}

/** The modules that a program imports, directly or through others, and which import means which. */
export class PythonModules {
  private readonly byPath = new Map<string, PythonModule>();
  private readonly byImport = new Map<string, string>();

  add(module: PythonModule): void {
    this.byPath.set(module.path, module);
  }

  has(path: string): boolean {
    return this.byPath.has(path);
  }

  link(from: string, name: string, path: string): void {
    this.byImport.set(`${from}\n${name}`, path);
  }

  /** What `import name`, written in the file `from`, means; null when it is no file of the workspace. */
  find(from: string, name: string): PythonModule | null {
    const path = this.byImport.get(`${from}\n${name}`);
    return path === undefined ? null : (this.byPath.get(path) ?? null);
  }

  /** The paths of all files that were read. */
  get files(): string[] {
    return [...this.byPath.values()].filter((m) => m.path.endsWith('.py')).map((m) => m.path);
  }

  get text(): string {
    return [...this.byPath.values()].map((m) => m.text).join('\n');
  }
}

/** Packages whose meaning is built in, whatever lies in the workspace under the same name. */
const BUILT_IN = new Set(
  'keras tensorflow tf_keras torch torchvision pytorch_lightning lightning numpy builtins typing __future__ os sys math argparse'.split(
    ' ',
  ),
);

interface Parsed {
  text: string;
  program: ParsedPython;
  imports: PythonImport[];
}

/** Imported files change less often than the one being typed in. */
const parsed = new Map<string, Parsed>();
const MAX_PARSED = 200;

async function parse(path: string, text: string): Promise<Parsed> {
  const known = parsed.get(path);
  parsed.delete(path);
  let entry = known;
  if (entry?.text !== text) {
    const program = await parsePython(text.replace(/^\uFEFF/, ' '), undefined, path);
    entry = { text, program, imports: importsOf(program.body) };
  }
  parsed.set(path, entry);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= MAX_PARSED) break;
    parsed.delete(oldest);
  }
  return entry;
}

/** Finds and parses every module of the workspace that a program imports. Nothing is run. */
export async function loadPythonModules(program: ParsedPython, home: string, files: SourceFiles): Promise<PythonModules> {
  const modules = new PythonModules();
  const known = new KnownFiles(files);
  const roots = searchPath(folderOf(home), files.root);
  const queue: { from: string; imports: PythonImport[] }[] = [{ from: home, imports: importsOf(program.body) }];
  const take = async (from: string, name: string): Promise<string | null> => {
    const path = await locate(known, from, name, roots);
    if (path === null || path === home) return null;
    if (!modules.has(path)) {
      const text = path.endsWith('.py') ? await known.read(path) : '';
      if (text === null) return null;
      const entry = await parse(path, text);
      modules.add({ path, name: name.replace(/^\.+/, '') || (folderOf(path).split('/').at(-1) ?? ''), text, program: entry.program });
      queue.push({ from: path, imports: entry.imports });
    }
    modules.link(from, name, path);
    return path;
  };
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const { module, names } of next.imports) {
      if (BUILT_IN.has(module.split('.')[0])) continue;
      // `import a.b.c` makes `a`, `a.b` and `a.b.c`.
      if (!(await takeAll(prefixes(module), (name) => take(next.from, name)))) continue;
      for (const name of new Set(names)) await take(next.from, module.endsWith('.') ? `${module}${name}` : `${module}.${name}`);
    }
  }
  return modules;
}

async function takeAll(names: string[], take: (name: string) => Promise<string | null>): Promise<boolean> {
  for (const name of names) if ((await take(name)) === null) return false;
  return true;
}

function prefixes(module: string): string[] {
  if (module.startsWith('.')) return [module];
  const parts = module.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

/** Where absolute imports are looked for: beside the program, then in the folders around it up to the root, and in the root's `src`. */
function searchPath(folder: string, root: string): string[] {
  const found: string[] = [];
  for (let at = folder; isInside(root, at); at = folderOf(at)) {
    found.push(at);
    if (at === root) break;
  }
  return found.length > 0 ? [...found, `${root}/src`] : [folder];
}

/** The file or folder that an import means; null when it is none of the workspace's. */
async function locate(known: KnownFiles, from: string, name: string, roots: readonly string[]): Promise<string | null> {
  const dots = /^\.*/.exec(name)?.[0].length ?? 0;
  const parts = name.slice(dots).split('.').filter(Boolean);
  if (dots > 0) {
    let base = folderOf(from);
    for (let i = 1; i < dots; i++) base = folderOf(base);
    const path = normalPath([base, ...parts].join('/'));
    return (await moduleAt(known, path, parts.length > 0)) ?? (await folderAt(known, path));
  }
  // Python 2 looked beside the importing file first.
  const bases = [...new Set([...roots, folderOf(from)])].map((root) => `${root}/${parts.join('/')}`);
  for (const base of bases) {
    const found = await moduleAt(known, base, true);
    if (found !== null) return found;
  }
  for (const base of bases) {
    const found = await folderAt(known, base);
    if (found !== null) return found;
  }
  return null;
}

async function moduleAt(known: KnownFiles, base: string, mayBeFile: boolean): Promise<string | null> {
  if ((await known.has(base)) && (await known.has(`${base}/__init__.py`))) return `${base}/__init__.py`;
  return mayBeFile && (await known.has(`${base}.py`)) ? `${base}.py` : null;
}

/** A folder of modules without an `__init__.py` is a package too. */
async function folderAt(known: KnownFiles, base: string): Promise<string | null> {
  return (await known.holds(base, /\.py$|^[A-Za-z_]\w*$/)) ? base : null;
}
