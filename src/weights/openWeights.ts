import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileSource, type ByteSource } from './byteSource';
import { describeOpenError } from './describeOpenError';
import type { OpenContext } from './formatReader';
import { mainFileOf } from './mainFile';
import { readFormat } from './readFormat';
import { WeightError } from './weightError';
import { WeightFileReader } from './weightFileReader';

/**
 * Opens a weight file, or the one in a folder, whatever its name: its content tells what it is. Only headers are read, and nothing
 * in it is executed.
 * @throws WeightError when it is none, or damaged.
 */
export async function openWeights(file: string, signal?: AbortSignal): Promise<WeightFileReader> {
  const opened: ByteSource[] = [];
  const release = (): void => {
    for (const source of opened.splice(0)) source.close();
  };
  try {
    const main = mainFileOf(path.resolve(file));
    const open = (name: string, label: string): ByteSource => {
      const source = new FileSource(name, label);
      opened.push(source);
      return source;
    };
    const context: OpenContext = {
      source: open(main, 'the file'),
      path: main,
      openBeside: (name) => open(besidePath(main, name), name),
      listBeside: () => listFolder(path.dirname(main)),
      signal,
    };
    const found = await readFormat(context);
    return new WeightFileReader(found, () => {
      found.close?.();
      release();
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** A file that another one names may only lie in the same folder or below it. */
function besidePath(main: string, name: string): string {
  const folder = path.dirname(main);
  const wanted = path.resolve(folder, name);
  const relative = path.relative(folder, wanted);
  if (name.includes('\0') || relative === '' || relative.startsWith('..') || path.isAbsolute(relative))
    throw new WeightError(`the file names ${JSON.stringify(name)}, outside its folder`, 'put the files it needs beside it');
  return wanted;
}

function listFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    throw describeOpenError(folder, error);
  }
}
