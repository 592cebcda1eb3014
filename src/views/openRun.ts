import type { RunLibrary } from '../training/runLibrary';
import type { TrainingService } from '../training/trainingService';
import type { KernelPanel } from './panel';

/** Shows a run's folder in the kernel panel, in place of the active run. */
export async function openRun(folder: string, runs: RunLibrary, training: TrainingService, panel: KernelPanel): Promise<void> {
  await training.activate(await runs.open(folder));
  panel.show();
}
