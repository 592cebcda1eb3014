import type * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { JsonValue } from '../common/json';
import { PerFile } from './perFile';

/** The person's answers to what files do not say (a class count, an argument without default), kept per file with the workspace. */
export class AssumptionStore extends Disposable {
  private readonly answers: PerFile<Record<string, JsonValue>>;
  private readonly changed = this._register(new Emitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;

  constructor(memory: vscode.Memento) {
    super();
    this.answers = new PerFile(memory, 'kernelscope.assumptions');
  }

  get(uri: vscode.Uri): Record<string, JsonValue> {
    return this.answers.get(uri) ?? {};
  }

  async set(uri: vscode.Uri, key: string, value: JsonValue): Promise<void> {
    await this.answers.set(uri, { ...this.get(uri), [key]: value });
    this.changed.fire(uri);
  }
}
