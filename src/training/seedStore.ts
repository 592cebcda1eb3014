import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import { readConfiguration } from '../config';
import { PerFile } from './perFile';

/** The seed of each model file: the person's choice, kept with the workspace, else the setting's. */
export class SeedStore extends Disposable {
  private readonly seeds: PerFile<number>;
  private readonly changed = this._register(new Emitter<vscode.Uri>());
  readonly onDidChangeSeed = this.changed.event;

  constructor(memory: vscode.Memento) {
    super();
    this.seeds = new PerFile(memory, 'kernelscope.seeds');
  }

  get(uri: vscode.Uri): number {
    return this.seeds.get(uri) ?? readConfiguration(uri).seed;
  }

  async set(uri: vscode.Uri, seed: number): Promise<void> {
    await this.seeds.set(uri, seed);
    this.changed.fire(uri);
  }
}
