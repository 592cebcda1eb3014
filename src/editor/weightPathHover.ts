import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { formatName } from '../common/formatName';
import { tensorLength, type WeightTensor } from '../common/weightFile';
import type { OpenedWeights } from '../common/weightsProtocol';
import { kernelAxes } from '../common/kernelAxes';
import { readConfiguration } from '../config';
import { Commands } from '../ids';
import { errorText } from '../log';
import { WeightsThread } from '../weights/weightsThread';
import { activeTheme } from './activeTheme';
import { kernelsPicture } from './weightFilePicture';
import { candidatePaths, weightPathAt } from './weightPath';

/** Kernels that are read for a hover. */
const MAX_KERNELS = 96;

/** The first kernels of a weight file, in a hover over its path in code. */
export class WeightPathHover extends Disposable implements vscode.HoverProvider {
  private readonly thread = this._register(new WeightsThread());

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | null> {
    if (document.uri.scheme !== 'file' || !readConfiguration(document.uri).isHoverShown) return null;
    const found = weightPathAt(document.lineAt(position.line).text, position.character);
    if (!found) return null;
    const roots = (vscode.workspace.workspaceFolders ?? []).map((f) => f.uri.fsPath);
    const file = candidatePaths(found.text, document.uri.fsPath, roots, os.homedir()).find(isFile);
    if (!file) return null;
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      const markdown = new vscode.MarkdownString(await this.describe(file, abort.signal));
      markdown.isTrusted = { enabledCommands: [Commands.openWeights] };
      return new vscode.Hover(markdown, new vscode.Range(position.line, found.start, position.line, found.end));
    } catch (error) {
      if (token.isCancellationRequested) return null;
      return new vscode.Hover(
        new vscode.MarkdownString(`**${escapeMarkdown(path.basename(file))}** can’t be read: ${escapeMarkdown(errorText(error))}`),
      );
    } finally {
      listener.dispose();
    }
  }

  private async describe(file: string, signal: AbortSignal): Promise<string> {
    const { info, bytes } = await this.thread.call('open', { path: file }, signal);
    try {
      const lines = [`**${escapeMarkdown(path.basename(file))}** · ${factsText(info, bytes)}`];
      const tensor = info.tensors.find(
        (t) => t.unreadable === null && tensorLength(t) > 0 && t.layout !== null && kernelAxes(t.layout) !== null,
      );
      if (tensor) lines.push(...(await this.kernels(file, tensor, signal)));
      lines.push(`[Open it](command:${Commands.openWeights}?${commandArguments(file)})`);
      return lines.join('\n\n');
    } finally {
      await this.thread.call('close', { path: file });
    }
  }

  private async kernels(file: string, tensor: WeightTensor, signal: AbortSignal): Promise<string[]> {
    if (!tensor.layout) return [];
    const request = { path: file, tensor: tensor.name, layout: tensor.layout, first: 0, count: MAX_KERNELS };
    const { shape, values, filters } = await this.thread.call('kernels', request, signal);
    const picture = kernelsPicture(tensor.name, new Float32Array(values), shape, filters, activeTheme());
    if (!picture) return [];
    const image = `![${escapeMarkdown(picture.alt)}](${picture.dataUri}|width=${picture.width},height=${picture.height})`;
    return [`\`${tensor.name.replaceAll('`', '')}\`, ${picture.caption}`, image];
  }
}

function factsText({ format, tensors }: OpenedWeights['info'], bytes: number): string {
  const values = tensors.reduce((n, t) => n + tensorLength(t), 0);
  const size = bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${Math.ceil(bytes / 1000)} kB`;
  return `${formatName(format)} · ${tensors.length} ${tensors.length === 1 ? 'tensor' : 'tensors'} · ${values.toLocaleString('en-US')} values · ${size}`;
}

function isFile(file: string): boolean {
  try {
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~]/g, '\\$&');
}

/** Parentheses would end a Markdown link. */
function commandArguments(file: string): string {
  return encodeURIComponent(JSON.stringify([file])).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}
