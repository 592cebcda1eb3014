import * as path from 'node:path';
import * as vscode from 'vscode';
import { AssumptionHints } from './editor/assumptionHints';
import { ModelCodeLens } from './editor/codeLens';
import { ModelDiagnostics } from './editor/diagnostics';
import { LayerHover } from './editor/layerHover';
import { NoteFixes } from './editor/noteFixes';
import { WeightPathHover } from './editor/weightPathHover';
import { readConfiguration } from './config';
import { createLog } from './log';
import type { KernelscopeApi } from './testApi';
import { AssumptionStore } from './training/assumptionStore';
import { DataChooser } from './training/dataChooser';
import { InitialWeights } from './training/initialWeights';
import { InsightThread } from './training/insightThread';
import { ModelService } from './training/modelService';
import { RunLibrary } from './training/runLibrary';
import { SeedStore } from './training/seedStore';
import { SeedStudyService } from './training/seedStudyService';
import { TrainingService } from './training/trainingService';
import { installedGpuFolders } from './training/installedGpu';
import type { CreateWorker } from './training/trainingWorker';
import { workspaceFiles } from './training/workspaceFiles';
import { CommandTable } from './views/commands';
import { EditorContext } from './views/contextKeys';
import { Gallery } from './views/gallery';
import { LayersTree } from './views/layersTree';
import { KernelPanel } from './views/panel';
import { MomentChooser } from './views/momentChooser';
import { openRun } from './views/openRun';
import { PanelSubject } from './views/panelSubject';
import { RunRestorer } from './views/restoreRun';
import { SampleModel } from './views/sampleModel';
import { startUp } from './views/startUp';
import { StatusBar } from './views/statusBar';
import { SeedsPanel } from './views/seedsPanel';
import { StudyCommands } from './views/studyCommands';
import { SubjectService } from './views/subject';
import { viewActions } from './views/viewActions';
import { WeightCommands } from './views/weightCommands';

/** Languages whose files may define models, on any file system. */
const SOURCES: vscode.DocumentSelector = ['python', 'json', 'jsonc', 'javascript', 'typescript', 'html'].map((language) => ({ language }));

/** Languages in which a string may be the path of a weight file. */
const SOURCES_WITH_PATHS = ['python', 'json', 'jsonc', 'yaml', 'toml', 'javascript', 'typescript', 'html', 'shellscript', 'markdown'].map(
  (language) => ({ language }),
);

/**
 * Puts the services together. Parsers, initialisers and the training thread are loaded on first use, so that opening a window
 * costs next to nothing; TensorFlow.js is only ever loaded in the thread.
 */
export function activate(context: vscode.ExtensionContext): KernelscopeApi {
  const started = performance.now();
  const own = <T extends vscode.Disposable>(disposable: T): T => {
    context.subscriptions.push(disposable);
    return disposable;
  };
  const log = own(createLog());
  const workerWith =
    (isGpuWanted: () => boolean): CreateWorker =>
    async () => {
      const { WorkerHandle } = await import('./training/workerHandle');
      return new WorkerHandle(undefined, undefined, { gpuFolders: isGpuWanted() ? installedGpuFolders(context) : [] });
    };
  const createWorker = workerWith(() => true);

  const assumptions = own(new AssumptionStore(context.workspaceState));
  const models = own(
    new ModelService(
      async ({ text, path, assumptions: given, uri }) =>
        (await import('./model/readModelSource')).readModelSource({ path, text }, { assumptions: given, files: workspaceFiles(uri) }),
      assumptions,
      log,
    ),
  );
  const seeds = own(new SeedStore(context.workspaceState));
  const data = own(
    new DataChooser(context.workspaceState, async (spec, [nearest, ...others]) => {
      if (nearest === undefined) return null;
      const { findData } = await import('./data/findData');
      return findData(spec, path.join(nearest, 'model'), others);
    }),
  );
  const initial = new InitialWeights(async () => (await import('./training/initializers')).initializers);
  const training = own(new TrainingService(models, seeds, data, context, createWorker, log));
  const runs = new RunLibrary(context, createWorker, log);
  const restorer = new RunRestorer(context.workspaceState, runs, training, log);

  const subjects = own(new SubjectService(models, training, seeds));
  const insight = own(new InsightThread());
  const actions = viewActions(models, training, initial, insight);
  const panelSubject = own(new PanelSubject(subjects, training));
  const panel = own(new KernelPanel(context.extensionUri, panelSubject, actions, () => restorer.restore()));
  const gallery = own(new Gallery(context.extensionUri, subjects, actions));
  const layers = own(new LayersTree(subjects));
  const statusBar = own(new StatusBar(training));
  own(new EditorContext(models));
  own(new ModelDiagnostics(models));

  const hover = new LayerHover(models, training, seeds, initial);
  own(vscode.languages.registerCodeLensProvider(SOURCES, own(new ModelCodeLens(models, training, seeds, data))));
  own(vscode.languages.registerHoverProvider(SOURCES, hover));
  own(vscode.languages.registerInlayHintsProvider(SOURCES, own(new AssumptionHints(models, assumptions))));
  const weightHover = own(new WeightPathHover());
  own(vscode.languages.registerHoverProvider(SOURCES_WITH_PATHS, weightHover));
  own(vscode.languages.registerCodeActionsProvider(SOURCES, new NoteFixes(models), NoteFixes.metadata));

  const sample = new SampleModel(context);
  // Its runs are compared: all on the same engine, a GPU only if it was asked for.
  const studyWorker = workerWith(() => readConfiguration().backend === 'webgpu');
  const study = own(new SeedStudyService(models, seeds, data, insight, context, studyWorker, log));
  const seedsPanel = own(new SeedsPanel(context.extensionUri, study, (folder) => openRun(folder, runs, training, panel)));
  own(new StudyCommands({ models, subjects, training, runs, insight, study, seedsPanel, extensionUri: context.extensionUri, log }));
  own(new CommandTable({ models, training, seeds, assumptions, data, runs, subjects, panel, sample, context, log }));
  const { editors: weightEditors } = own(new WeightCommands(context.extensionUri, log, new MomentChooser(training, runs)));
  startUp(restorer, { models, training, data, panel, log });

  const activationMs = performance.now() - started;
  log.info(`activated in ${activationMs.toFixed(1)} ms`);
  return {
    activationMs,
    models,
    training,
    runs,
    seeds,
    assumptions,
    subjects,
    panel,
    gallery,
    layers,
    statusBar,
    hover,
    weightEditors,
    weightHover,
  };
}
