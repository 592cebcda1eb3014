import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import Module from 'node:module';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Commands } from '../../../src/ids';
import { api, EXTENSION, lensTitles, openModel, workspaceUri } from './support';

describe('activation', () => {
  it('is quick', async () => {
    const { activationMs } = await api();
    console.log(`      activate(): ${activationMs.toFixed(1)} ms`);
    // The goal is 20 ms, which a quiet machine shows; a busy one still sees what loads a backend or reads the workspace on the way.
    assert.ok(activationMs < 1000, `${activationMs} ms`);
  });

  it('leaves TensorFlow.js out of the host', () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    const bundle = fs.readFileSync(path.join(extension?.extensionPath ?? '', 'dist/extension.js'), 'utf8');
    assert.ok(!/registerBackend\(|tfjs-backend/.test(bundle), 'the host bundle holds TensorFlow.js');
    const { _cache } = Module as unknown as { _cache: Record<string, unknown> };
    assert.ok(!Object.keys(_cache).some((file) => /tfjs|worker\.js$/.test(file)));
  });

  it('registers every command', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    for (const id of Object.values(Commands)) assert.ok(known.has(id), id);
  });

  it('says nothing about a Python file without a model', async () => {
    const editor = await openModel('no_model.py');
    assert.deepEqual(await lensTitles(editor.document), []);
    assert.deepEqual(
      vscode.languages.getDiagnostics(workspaceUri('no_model.py')).filter((d) => d.source === 'kernelscope'),
      [],
    );
  });
});
