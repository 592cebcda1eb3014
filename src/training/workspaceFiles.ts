import * as vscode from 'vscode';
import { folderEntries } from '../model/disk/folderMemory';
import type { SourceFiles } from '../model/imports/sourceFiles';
import { documentUri } from './notebooks';

/** Needed by few programs only. */
const headers = () => import('../data/arrays/dataHeaders');

const MAX_BYTES = 800_000;

/**
 * The files around a document, on whatever file system it is: those open in an editor as they are there, saved or not, others as they
 * are stored. Imports stay inside of the workspace folder; of a file outside of one, inside of its own folder.
 */
export function workspaceFiles(uri: vscode.Uri): SourceFiles | null {
  const home = documentUri(uri);
  if (home.scheme === 'untitled' || !home.path.includes('/')) return null;
  const at = (path: string): vscode.Uri => home.with({ path, query: '', fragment: '' });
  const folder = vscode.workspace.getWorkspaceFolder(home)?.uri.path.replace(/\/$/, '');
  return {
    root: folder ?? home.path.slice(0, home.path.lastIndexOf('/')),
    entries: async (path) => {
      const folder = at(path || '/');
      const { type, mtime } = await vscode.workspace.fs.stat(folder);
      if ((type & vscode.FileType.Directory) === 0) return null;
      return folderEntries(folder.toString(), mtime, async () =>
        (await vscode.workspace.fs.readDirectory(folder)).map(([name, kind]) => ({
          name,
          isFolder: (kind & vscode.FileType.Directory) !== 0,
        })),
      );
    },
    // Parts of a file can be read on a real disk only.
    ...(home.scheme === 'file' && {
      arrays: async (path: string) => (await headers()).arrayShapes(at(path).fsPath),
      columns: async (path: string) => (await headers()).tableColumns(at(path).fsPath),
    }),
    list: async (path) => (await vscode.workspace.fs.readDirectory(at(path || '/'))).map(([name]) => name),
    read: async (path) => {
      const uri = at(path).toString();
      const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri);
      if (open) return open.getText();
      const { size } = await vscode.workspace.fs.stat(at(path));
      return size > MAX_BYTES ? null : new TextDecoder().decode(await vscode.workspace.fs.readFile(at(path)));
    },
  };
}
