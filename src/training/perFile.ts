import type * as vscode from 'vscode';
import { fileKey } from './notebooks';

/** One value per file, kept with the workspace. */
export class PerFile<T> {
  constructor(
    private readonly memory: vscode.Memento,
    private readonly key: string,
  ) {}

  get(uri: vscode.Uri): T | undefined {
    return this.memory.get<Record<string, T>>(this.key, {})[fileKey(uri)];
  }

  /** Undefined forgets. */
  async set(uri: vscode.Uri, value: T | undefined): Promise<void> {
    const key = fileKey(uri);
    const { [key]: _old, ...others } = this.memory.get<Record<string, T>>(this.key, {});
    await this.memory.update(this.key, value === undefined ? others : { ...others, [key]: value });
  }
}
