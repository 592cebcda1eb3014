import * as path from 'node:path';
import * as vscode from 'vscode';
import { decodeFrame } from '../common/frame';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';
import { readConfiguration } from '../config';
import { Commands, InternalCommands } from '../ids';
import type { InitialWeights } from '../training/initialWeights';
import { layerAt } from '../training/modelAt';
import type { ModelService } from '../training/modelService';
import type { SeedStore } from '../training/seedStore';
import type { TrainingService } from '../training/trainingService';
import { activeTheme } from './activeTheme';
import { hoverMarkdown } from './hoverText';
import { reportBeforeTraining, reportOfFrame, type LayerReport } from './layerReport';
import { layerPicture } from './layerPicture';
import { toRange } from './ranges';

/** How long a hover waits for the worker's newest weights before it takes the last frame seen. */
const PATIENCE_MS = 400;

/** A layer's kernels, in a hover over its line: as they will be drawn, as they are now, or as they ended. */
export class LayerHover implements vscode.HoverProvider {
  constructor(
    private readonly models: ModelService,
    private readonly training: TrainingService,
    private readonly seeds: SeedStore,
    private readonly initial: InitialWeights,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | null> {
    if (!readConfiguration(document.uri).isHoverShown) return null;
    const state = this.models.peek(document.uri) ?? (await this.models.read(document));
    for (const model of state?.source.models ?? []) {
      const layer = layerAt(model, position.line, position.character);
      if (!layer?.source) continue;
      const markdown = await this.describe(document.uri, model, layer, token);
      if (token.isCancellationRequested) return null;
      return new vscode.Hover(markdown, toRange(layer.source));
    }
    return null;
  }

  private async describe(
    uri: vscode.Uri,
    model: ModelSpec,
    layer: LayerInfo,
    token: vscode.CancellationToken,
  ): Promise<vscode.MarkdownString> {
    const session = this.training.sessionOf(uri, model);
    const seed = session?.description.options.seed ?? this.seeds.get(uri);
    const loadedFrom = session?.description.options.initialWeights;
    let report: LayerReport | null = null;
    let remark: string | null = null;
    if (session && layer.weights.length > 0) {
      const frame = await withPatience(session.newestFrame([layer.name]), session.latestFrame);
      report = frame ? reportOfFrame(layer, seed, decodeFrame(frame)) : null;
      if (frame && !report)
        remark = 'The run in the panel has this layer in another shape, or without its weights; these are the values of a new run.';
    }
    if (!report && !token.isCancellationRequested) {
      const drawn = await this.initial.drawLayer(layer, seed);
      report = reportBeforeTraining(layer, seed, (weight) => drawn.get(weight.name) ?? null);
      if (drawn.size < layer.weights.length)
        remark = 'Some weights of this layer are not drawn here: too many of them, or an initialiser that is not known.';
    }
    report ??= { layer, seed, step: null, weights: [] };
    const initializerText = await this.initial.describer();
    const markdown = new vscode.MarkdownString(
      hoverMarkdown({
        report,
        initializerText,
        picture: layerPicture(report, activeTheme()),
        loadedFrom: loadedFrom ? path.basename(loadedFrom) : null,
        status: session?.status ?? null,
        remark,
        panelLink: commandLink(InternalCommands.openLayer, [uri.toString(), model.name, layer.name]),
        trainLink: model.trainable && !session?.isLive ? commandLink(Commands.trainCnn, [uri.toString(), { modelName: model.name }]) : null,
      }),
    );
    markdown.isTrusted = { enabledCommands: [InternalCommands.openLayer, Commands.trainCnn] };
    return markdown;
  }
}

/** Parentheses would end a Markdown link. */
function commandLink(command: string, args: unknown[]): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(args)).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
}

async function withPatience<T>(promise: Promise<T>, fallback: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(fallback), PATIENCE_MS)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
