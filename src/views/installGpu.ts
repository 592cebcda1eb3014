import * as vscode from 'vscode';
import { GPU_PACKAGE } from '../common/gpuPackage';
import { Settings } from '../ids';
import { describeGpu, installGpuSupport } from '../training/gpuInstall';
import { gpuStorage } from '../training/installedGpu';

/**
 * Installs GPU support after the person agreed, and says which GPU it finds.
 * @returns the GPU's name; undefined when the person called it off
 * @throws Error with the way out.
 */
export async function installGpu(context: vscode.ExtensionContext): Promise<string | undefined> {
  const install = 'Install';
  const answer = await vscode.window.showInformationMessage(
    'Install GPU support?',
    {
      modal: true,
      detail: `npm will download the package ${GPU_PACKAGE} (Dawn, the WebGPU of Chromium; native code, about 130 MB on disk) into this extension's own storage. Nothing else is changed. Training works without it.`,
    },
    install,
  );
  if (answer !== install) return undefined;
  const folder = gpuStorage(context);
  const progress = { location: vscode.ProgressLocation.Notification, title: 'Installing GPU support', cancellable: true };
  const name = await vscode.window.withProgress(progress, async (report, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    await installGpuSupport(folder, stop.signal);
    report.report({ message: 'Looking for a graphics processor' });
    return describeGpu(folder);
  });
  const use = 'Always Train on It';
  const next = await vscode.window.showInformationMessage(
    `${name} was found. The next run is tried on it when it is long enough to be worth it, and trains on the faster engine.`,
    use,
  );
  if (next === use) await vscode.workspace.getConfiguration().update(Settings.backend, 'webgpu', vscode.ConfigurationTarget.Global);
  return name;
}
