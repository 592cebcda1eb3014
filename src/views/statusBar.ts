import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Throttle } from '../base/throttle';
import { recentLoss } from '../common/recentLoss';
import type { RunStatus } from '../common/run';
import { Commands } from '../ids';
import type { TrainingService } from '../training/trainingService';
import { statusText, statusTooltip } from './statusText';

const REFRESH_MS = 250;

/** The one status bar item: what the active run is doing. A click opens the panel. */
export class StatusBar extends Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(private readonly training: TrainingService) {
    super();
    this.item = this._register(vscode.window.createStatusBarItem('kernelscope.status', vscode.StatusBarAlignment.Left, 10));
    this.item.name = 'Kernelscope';
    this.item.command = Commands.openPanel;
    const throttle = this._register(new Throttle(() => this.show(), REFRESH_MS));
    let phase: RunStatus['phase'] | null = null;
    this._register(
      training.onDidChangeStatus((status) => {
        if (status?.phase === phase) return throttle.request();
        phase = status?.phase ?? null;
        throttle.now();
      }),
    );
    this.show();
  }

  /** What stands there now, or null. */
  get text(): string | null {
    return this.training.session ? this.item.text : null;
  }

  private show(): void {
    const status = this.training.session?.status ?? null;
    if (!status) return this.item.hide();
    const loss = recentLoss(this.training.session?.metrics.steps ?? []);
    const text = statusText(status, loss, this.training.session?.test ?? null);
    // An unchanged item is not sent to the window again.
    if (text === this.item.text) return;
    this.item.text = text;
    this.item.tooltip = statusTooltip(status, this.training.session?.description.spec.name ?? '');
    this.item.accessibilityInformation = { label: text.replace(/\$\([^)]*\)\s*/g, ''), role: 'button' };
    this.item.backgroundColor = status.phase === 'failed' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    this.item.show();
  }
}
