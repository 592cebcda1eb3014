import * as vscode from 'vscode';
import { readConfiguration } from '../config';
import { errorText, type Log } from '../log';
import type { DataChooser } from '../training/dataChooser';
import type { ModelService } from '../training/modelService';
import type { TrainingService } from '../training/trainingService';
import type { KernelPanel } from './panel';
import type { RunRestorer } from './restoreRun';

interface Services {
  models: ModelService;
  training: TrainingService;
  data: DataChooser;
  panel: KernelPanel;
  log: Log;
}

/** After activation: brings a run back that was cut off, or begins the one that the workspace's settings ask for. */
export function startUp(restorer: RunRestorer, services: Services): void {
  void (async () => {
    if (await restorer.wasCutOff()) {
      await restorer.restore();
      return services.panel.show();
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const file = folder && readConfiguration(folder).trainOnStartup;
    if (!folder || !file) return;
    await whenTrusted();
    await trainFile(vscode.Uri.joinPath(folder, file), services);
  })().catch((error: unknown) => {
    services.log.error(`at start: ${errorText(error)}`);
    void vscode.window.showErrorMessage(errorText(error));
  });
}

/** Resolves when the person trusts the workspace: at once, or when they say so. */
function whenTrusted(): Promise<void> {
  if (vscode.workspace.isTrusted) return Promise.resolve();
  return new Promise((resolve) => {
    const listening = vscode.workspace.onDidGrantWorkspaceTrust(() => {
      listening.dispose();
      resolve();
    });
  });
}

async function trainFile(uri: vscode.Uri, { models, training, data, panel }: Services): Promise<void> {
  await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
  const model = await models.findModel(uri);
  if (!model) return;
  const opening = training.onDidChangeSession(() => panel.show());
  try {
    await training.train(uri, { data: await data.resolveSilently(uri, model) });
  } finally {
    opening.dispose();
  }
}
