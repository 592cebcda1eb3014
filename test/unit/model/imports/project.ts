import type { ModelSource } from '../../../../src/common/modelSpec';
import type { SourceFiles } from '../../../../src/model/imports/sourceFiles';
import { readModelSource } from '../../../../src/model/readModelSource';

/** A workspace in memory, by paths below its root. Remembers which files were read. */
export class Project implements SourceFiles {
  readonly root = '/work';
  readonly reads: string[] = [];

  constructor(readonly texts: Record<string, string>) {}

  list(folder: string): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    const inside = Object.keys(this.texts)
      .map((path) => `${this.root}/${path}`)
      .filter((path) => path.startsWith(prefix));
    return Promise.resolve([...new Set(inside.map((path) => path.slice(prefix.length).split('/')[0]))]);
  }

  read(path: string): Promise<string | null> {
    this.reads.push(path);
    return Promise.resolve(this.texts[path.slice(this.root.length + 1)] ?? null);
  }

  /** Reads one of its files as a model source. */
  open(path: string): Promise<ModelSource> {
    return readModelSource({ path: `${this.root}/${path}`, text: this.texts[path] }, { files: this });
  }
}
