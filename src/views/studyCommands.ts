import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Commands } from '../ids';
import type { Log } from '../log';
import type { InsightThread } from '../training/insightThread';
import type { ModelService } from '../training/modelService';
import type { RunLibrary } from '../training/runLibrary';
import type { SeedStudyAsked, SeedStudyService } from '../training/seedStudyService';
import type { TrainingService } from '../training/trainingService';
import { compareSeeds } from './compareSeeds';
import { exportReport, offerReport } from './exportReport';
import type { SeedsPanel } from './seedsPanel';
import type { SubjectService } from './subject';
import { showError } from './showError';

export interface StudyServices {
  models: ModelService;
  subjects: SubjectService;
  training: TrainingService;
  runs: RunLibrary;
  insight: InsightThread;
  study: SeedStudyService;
  seedsPanel: SeedsPanel;
  extensionUri: vscode.Uri;
  log: Log;
}

/** The commands around runs and what is to be learned from them: compare seeds, report a run, the glossary. */
export class StudyCommands extends Disposable {
  constructor(private readonly services: StudyServices) {
    super();
    this.add(Commands.compareSeeds, (uri?: vscode.Uri | string, asked?: Partial<SeedStudyAsked>) => this.compareSeeds(uri, asked));
    this.add(Commands.exportReport, (folder?: string, target?: vscode.Uri) => this.exportReport(folder, target));
    this.add(Commands.openGlossary, () => this.openGlossary());
  }

  private add(id: string, run: (...args: never[]) => Promise<void>): void {
    this._register(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await (run as (...args: unknown[]) => Promise<void>)(...args);
        } catch (error) {
          void showError(id, error, this.services.log);
        }
      }),
    );
  }

  private async compareSeeds(uri?: vscode.Uri | string, asked: Partial<SeedStudyAsked> = {}): Promise<void> {
    const { study, seedsPanel, subjects } = this.services;
    const file = typeof uri === 'string' ? vscode.Uri.parse(uri) : (uri ?? this.fileInFront());
    if (!file) throw new Error('Open a file that builds a convolutional network, such as the sample, and compare seeds again.');
    const subject = subjects.current;
    const modelName = subject?.uri?.toString() === file.toString() ? subject.model.name : undefined;
    await compareSeeds(file, study, seedsPanel, { modelName, ...asked });
  }

  /** The run that is open, else one that the person picks. */
  private async exportReport(folder?: string, target?: vscode.Uri): Promise<void> {
    const { training, runs, insight } = this.services;
    const chosen = folder ?? (training.session ?? (await runs.pick()))?.description.folder;
    const uri = chosen ? await exportReport(chosen, insight, target) : null;
    if (uri && !target) void offerReport(uri);
  }

  private async openGlossary(): Promise<void> {
    const uri = vscode.Uri.joinPath(this.services.extensionUri, 'media', 'glossary.md');
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  /** The editor in front, what the side bar shows, or the only visible file with a model. */
  private fileInFront(): vscode.Uri | null {
    const { models, subjects } = this.services;
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active) return active;
    return subjects.current?.uri ?? vscode.window.visibleTextEditors.find((e) => models.peek(e.document.uri))?.document.uri ?? null;
  }
}
