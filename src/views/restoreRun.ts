import * as vscode from 'vscode';
import { errorText, type Log } from '../log';
import type { RunLibrary } from '../training/runLibrary';
import type { TrainingService } from '../training/trainingService';

const KEY = 'kernelscope.shownRun';

/** Brings the run of the last window back: its folder holds everything, and what was cut off can go on from there. */
export class RunRestorer {
  private restoring: Promise<void> | null = null;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly runs: RunLibrary,
    private readonly training: TrainingService,
    private readonly log: Log,
  ) {
    training.onDidChangeSession((session) => void memory.update(KEY, session?.description.folder));
  }

  /** The run shown last was cut off by a reload or a crash. */
  async wasCutOff(): Promise<boolean> {
    const folder = this.memory.get<string>(KEY);
    return folder !== undefined && (await this.runs.isInterrupted(folder));
  }

  /** Once per window; a run begun meanwhile is left alone. */
  restore(): Promise<void> {
    this.restoring ??= this.restoreNow();
    return this.restoring;
  }

  private async restoreNow(): Promise<void> {
    const folder = this.memory.get<string>(KEY);
    if (!folder || this.training.session) return;
    try {
      const session = await this.runs.open(folder);
      if (this.training.session) return session.dispose();
      await this.training.activate(session);
      if (session.status.phase === 'paused' && session.canContinue) void this.offer(session.description.spec.name);
    } catch (error) {
      this.log.warn(`the last run could not be brought back: ${errorText(error)}`);
    }
  }

  private async offer(model: string): Promise<void> {
    const session = this.training.session;
    const go = 'Continue';
    const answer = await vscode.window.showInformationMessage(
      `Training ${model} was cut off at step ${session?.status.step}. It can go on with the same weights as if nothing had happened.`,
      go,
    );
    if (answer !== go || this.training.session !== session) return;
    await session?.resume().catch((error: unknown) => vscode.window.showErrorMessage(errorText(error)));
  }
}
