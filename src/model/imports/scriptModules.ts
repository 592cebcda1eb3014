import { isBundle, parseScript, type ParsedScript } from '../tfjs/parseScript';
import { KnownFiles, folderOf, normalPath, type SourceFiles } from './sourceFiles';

/** A file that a script imports: another script, or JSON. */
export type ScriptFile = { path: string; text: string } & ({ kind: 'script'; script: ParsedScript } | { kind: 'json' });

/** The files of the workspace that a script imports, directly or through others, and which import means which. */
export class ScriptModules {
  private readonly byPath = new Map<string, ScriptFile>();
  private readonly byImport = new Map<string, string>();

  add(file: ScriptFile): void {
    this.byPath.set(file.path, file);
  }

  has(path: string): boolean {
    return this.byPath.has(path);
  }

  link(from: string, name: string, path: string): void {
    this.byImport.set(`${from}\n${name}`, path);
  }

  /** What `import … from 'name'`, written in the file `from`, means; null when it is no file of the workspace. */
  find(from: string, name: string): ScriptFile | null {
    const path = this.byImport.get(`${from}\n${name}`);
    return path === undefined ? null : (this.byPath.get(path) ?? null);
  }

  get files(): string[] {
    return [...this.byPath.keys()];
  }

  get texts(): string[] {
    return [...this.byPath.values()].map((f) => f.text);
  }
}

/** Paths in `import`, `export … from`, `require` and `import()`. */
const IMPORT = /\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}(?:\/[^'"\n]*)?|[@~]\/[^'"\n]+)\1/g;
const ENDINGS = ['', '.ts', '.tsx', '.js', '.mjs', '.cjs', '.jsx', '.mts', '.json', '/index.ts', '/index.tsx', '/index.js'];

/** The paths in its own project that a script imports: relative ones, and those that begin at the project's top (`@/model`). */
export function scriptImports(text: string): string[] {
  return [...new Set([...text.matchAll(IMPORT)].map((match) => match[2]))];
}

const parsed = new Map<string, { text: string; script: ParsedScript }>();
const MAX_PARSED = 100;

async function parse(path: string, text: string): Promise<ParsedScript> {
  let entry = parsed.get(path);
  parsed.delete(path);
  if (entry?.text !== text) entry = { text, script: await parseScript(text, path, path) };
  parsed.set(path, entry);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= MAX_PARSED) break;
    parsed.delete(oldest);
  }
  return entry.script;
}

/**
 * Finds and parses every file that a script imports by a relative path. Nothing is run.
 * @param names what the script at `home` imports; for a page, the sources of its scripts
 */
export async function loadScriptModules(names: readonly string[], home: string, files: SourceFiles): Promise<ScriptModules> {
  const modules = new ScriptModules();
  const known = new KnownFiles(files);
  const queue = [{ from: home, names }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const name of next.names) {
      const path = await locate(known, next.from, name);
      if (path === null || path === home) continue;
      modules.link(next.from, name, path);
      if (modules.has(path)) continue;
      const text = await known.read(path);
      if (text === null) continue;
      if (path.endsWith('.json')) modules.add({ path, text, kind: 'json' });
      else {
        // Libraries and data that a page loads tell nothing of models, and take long to parse.
        if (isBundle(text)) continue;
        modules.add({ path, text, kind: 'script', script: await parse(path, text) });
        queue.push({ from: path, names: scriptImports(text) });
      }
    }
  }
  return modules;
}

async function locate(known: KnownFiles, from: string, name: string): Promise<string | null> {
  const plain = name.replace(/[?#].*$/, '');
  if (/^[@~]\//.test(plain)) return locateFromTop(known, from, plain.slice(2));
  return locateAt(known, normalPath(`${folderOf(from)}/${plain}`));
}

/** `@/model`: from the `src` of the project, or from its top, as bundlers are commonly told. */
async function locateFromTop(known: KnownFiles, from: string, name: string): Promise<string | null> {
  for (let folder = folderOf(from); known.isInside(folder); folder = folderOf(folder)) {
    for (const top of [`${folder}/src`, folder]) {
      const found = await locateAt(known, normalPath(`${top}/${name}`));
      if (found !== null) return found;
    }
    if (folder === '') break;
  }
  return null;
}

async function locateAt(known: KnownFiles, base: string): Promise<string | null> {
  // TypeScript names its modules by what they are compiled to.
  const bases = [base, base.replace(/\.([mc]?)jsx?$/, '')].filter((b, i, all) => all.indexOf(b) === i);
  for (const b of bases) {
    for (const ending of ENDINGS) {
      const path = `${b}${ending}`;
      if (/\.([mc]?[jt]sx?|json)$/.test(path) && (await known.has(path))) return path;
    }
  }
  return null;
}
