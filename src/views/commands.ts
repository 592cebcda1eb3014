import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Commands, InternalCommands } from '../ids';
import { errorText, type Log } from '../log';
import type { Assumption } from '../common/modelSpec';
import type { AssumptionStore } from '../training/assumptionStore';
import type { DataChooser } from '../training/dataChooser';
import type { ModelService } from '../training/modelService';
import type { RunLibrary } from '../training/runLibrary';
import type { RunSession } from '../training/runSession';
import type { SeedStore } from '../training/seedStore';
import type { TrainingService, TrainRequest } from '../training/trainingService';
import { askForAssumption, confirmAssumptions } from './askForAssumptions';
import { askForSeed } from './askForSeed';
import { installGpu } from './installGpu';
import type { KernelPanel } from './panel';
import { revealLayer } from './reveal';
import { saveWeights } from './saveWeights';
import type { SampleModel } from './sampleModel';
import type { SubjectService } from './subject';
import { PlacedError } from '../training/placedError';
import { showError } from './showError';

export interface CommandServices {
  models: ModelService;
  training: TrainingService;
  seeds: SeedStore;
  assumptions: AssumptionStore;
  data: DataChooser;
  runs: RunLibrary;
  subjects: SubjectService;
  panel: KernelPanel;
  sample: SampleModel;
  context: vscode.ExtensionContext;
  log: Log;
}

type UriArgument = vscode.Uri | string | undefined;

/** Every command of the extension. A command that fails says why, in one notification with a way to the log. */
export class CommandTable extends Disposable {
  constructor(private readonly services: CommandServices) {
    super();
    const { training, panel, log } = services;
    this.add(Commands.trainCnn, (uri?: UriArgument, request?: TrainRequest) => this.train(uri, request));
    this.add(Commands.openPanel, () => panel.show());
    this.add(Commands.pause, () => this.session().pause());
    this.add(Commands.resume, () => this.session().resume());
    this.add(Commands.stepOnce, () => this.session().stepOnce());
    this.add(Commands.stop, () => this.session().stop());
    this.add(Commands.profileStep, () => this.session().measureStep());
    this.add(Commands.rewind, () => this.session().rewind());
    this.add(Commands.saveWeights, () => saveWeights(this.session()));
    this.add(Commands.startFromWeights, (uri?: UriArgument, file?: vscode.Uri) => this.startFromWeights(uri, file));
    this.add(Commands.restartWithNewSeed, async (seed?: number) => {
      panel.show();
      await training.restartWithNewSeed(typeof seed === 'number' ? seed : null);
    });
    this.add(Commands.setSeed, (uri?: UriArgument, seed?: number) => this.setSeed(uri, seed));
    this.add(Commands.chooseData, (uri?: UriArgument, modelName?: string) => this.chooseData(uri, modelName));
    this.add(Commands.openRun, (folder?: string) => this.openRun(folder));
    this.add(Commands.openSample, () => services.sample.open());
    this.add(Commands.revealLayer, (layer: { name: string }) => this.reveal(layer.name));
    this.add(Commands.showLog, () => log.show());
    this.add(Commands.installGpuSupport, () => installGpu(services.context));
    this.add(InternalCommands.selectLayer, (layer: string) => {
      services.subjects.select(layer, null, 'view');
      return this.reveal(layer);
    });
    this.add(InternalCommands.setAssumption, (uri: vscode.Uri, assumption: Assumption) =>
      askForAssumption(uri, assumption, services.assumptions),
    );
    this.add(InternalCommands.openLayer, (_uri: string, _model: string, layer: string) => {
      panel.show();
      services.subjects.select(layer, null, 'editor');
    });
  }

  private add(id: string, run: (...args: never[]) => unknown): void {
    this._register(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await (run as (...args: unknown[]) => unknown)(...args);
        } catch (error) {
          void showError(id, error, this.services.log);
          return undefined;
        }
      }),
    );
  }

  private session(): RunSession {
    const session = this.services.training.session;
    if (!session) throw new Error('Nothing is training. Open a model file and press Train CNN.');
    return session;
  }

  private async train(uriArgument: UriArgument, request: TrainRequest = {}): Promise<string | undefined> {
    const { training, panel, log } = this.services;
    const uri = this.fileFor(uriArgument);
    if (!uri || !(await this.hasModel(uri))) return this.explainWhatToOpen(uri);
    const model = await this.services.models.findModel(uri, request.modelName ?? this.modelAtCursor(uri));
    const running = model ? training.sessionOf(uri, model) : null;
    if (running?.isLive && !uriArgument) {
      panel.show();
      const restart = 'Restart';
      const answer = await vscode.window.showInformationMessage(`${model?.name} is already training.`, restart);
      if (answer !== restart) return running.description.folder;
    }
    if (model && !request.data && !(await this.confirm(uri, model.name))) return undefined;
    // The panel comes first: data may take a moment to be read.
    const started = training.train(uri, { ...request, modelName: model?.name });
    const opening = training.onDidChangeSession(() => panel.show());
    try {
      return (await started)?.description.folder;
    } catch (error) {
      const status = training.session?.status;
      // The panel says it, with the ways out, in the place the person looks at.
      if (!panel.isVisible || status?.phase !== 'failed' || status.message !== errorText(error)) throw error;
      log.error(`${Commands.trainCnn}: ${errorText(error)}`);
      return undefined;
    } finally {
      opening.dispose();
    }
  }

  private async startFromWeights(uri: UriArgument, given?: vscode.Uri): Promise<string | undefined> {
    const [picked] = given ? [given] : ((await vscode.window.showOpenDialog({ openLabel: 'Start from These Weights' })) ?? []);
    if (!picked) return undefined;
    if (picked.scheme !== 'file') throw new Error('Training reads weights from a disk; pick a local file.');
    return this.train(uri, { initialWeights: picked.fsPath });
  }

  /** Lets the person look at what the file leaves open, until it is settled; false when called off. */
  private async confirm(uri: vscode.Uri, modelName: string): Promise<boolean> {
    for (;;) {
      const state = await this.services.models.read(await vscode.workspace.openTextDocument(uri));
      const model = state?.source.models.find((m) => m.name === modelName);
      if (!state || !model) return true;
      const answer = await confirmAssumptions(uri, model, [...model.notes, ...state.source.notes], this.services.assumptions);
      if (answer !== 'changed') return answer === 'train';
    }
  }

  private async explainWhatToOpen(uri: vscode.Uri | null): Promise<undefined> {
    const inTheWay = uri && this.services.models.peek(uri)?.source.notes.find((n) => n.code === 'syntax-error' || n.severity === 'error');
    if (uri && inTheWay)
      throw new PlacedError(
        `No model could be read from ${vscode.workspace.asRelativePath(uri)}. Line ${inTheWay.range.startLine + 1}: ${inTheWay.message}`,
        uri,
        inTheWay.range,
      );
    const sample = 'Open Sample Model';
    const open = 'Open a file that builds a convolutional network, such as a Keras Sequential() with Conv2D layers or a PyTorch module';
    const message = uri
      ? `${vscode.workspace.asRelativePath(uri)} defines no model that could be read. ${open}.`
      : `${open}, and run Train CNN again.`;
    if ((await vscode.window.showInformationMessage(message, sample)) === sample) await this.services.sample.open();
    return undefined;
  }

  /** The file meant: the argument, the editor in front, what the side bar shows, or the only visible file with a model. */
  private fileFor(argument: UriArgument): vscode.Uri | null {
    if (argument) return typeof argument === 'string' ? vscode.Uri.parse(argument) : argument;
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active) return active;
    const shown = this.services.subjects.current?.uri;
    if (shown) return shown;
    return vscode.window.visibleTextEditors.find((e) => this.services.models.peek(e.document.uri))?.document.uri ?? null;
  }

  private async hasModel(uri: vscode.Uri): Promise<boolean> {
    return ((await this.services.models.read(await vscode.workspace.openTextDocument(uri)))?.source.models.length ?? 0) > 0;
  }

  private modelAtCursor(uri: vscode.Uri): string | undefined {
    const subject = this.services.subjects.current;
    return subject?.uri?.toString() === uri.toString() ? subject.model.name : undefined;
  }

  private async setSeed(argument: UriArgument, given?: number): Promise<void> {
    const uri = this.fileFor(argument);
    if (!uri) return void (await this.explainWhatToOpen(null));
    const seed = given ?? (await askForSeed(this.services.seeds.get(uri)));
    if (seed !== null) await this.services.seeds.set(uri, seed);
  }

  private async chooseData(argument: UriArgument, modelName?: string): Promise<void> {
    const uri = this.fileFor(argument);
    const model = uri ? await this.services.models.findModel(uri, modelName ?? this.modelAtCursor(uri)) : null;
    if (!uri || !model) return void (await this.explainWhatToOpen(uri));
    await this.services.data.ask(uri, model, 'Remembered for this file; Train CNN uses it from now on.');
  }

  private async openRun(folder?: string): Promise<void> {
    const session = folder ? await this.services.runs.open(folder) : await this.services.runs.pick();
    if (!session) return;
    await this.services.training.activate(session);
    this.services.panel.show();
  }

  private async reveal(layer: string): Promise<void> {
    const subject = this.services.subjects.current;
    if (subject?.uri) await revealLayer(subject, layer, this.services.models);
  }
}
