import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Throttle } from '../base/throttle';
import type { LayerInfo } from '../common/modelSpec';
import { InternalCommands, Views } from '../ids';
import { layerDescription, layerIcon, layerLabel, layerTooltip, profileMessage } from './layerText';
import { LayerHealth } from './layerHealth';
import type { Subject, SubjectService } from './subject';

/** How often the tree's live column is drawn anew while training. */
const REFRESH_MS = 1000;

/** The layers of the model in view, as a native tree. Its rows follow the cursor, and a click goes the other way. */
export class LayersTree extends Disposable implements vscode.TreeDataProvider<LayerInfo> {
  private readonly changed = this._register(new vscode.EventEmitter<LayerInfo | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<LayerInfo>;
  private readonly health = new LayerHealth();
  private readonly soon = this._register(new Throttle(() => this.refresh(), REFRESH_MS));
  private runListeners: { dispose(): void }[] = [];

  constructor(private readonly subjects: SubjectService) {
    super();
    this.view = this._register(vscode.window.createTreeView(Views.layers, { treeDataProvider: this, showCollapseAll: false }));
    this._register(subjects.onDidChangeSubject((s) => this.show(s)));
    this._register(subjects.onDidSelectLayer(({ layer, origin }) => origin === 'editor' && this.reveal(layer)));
    this._register(this.view.onDidChangeVisibility(() => this.refresh()));
    this._register({ dispose: () => this.stopFollowing() });
    this.show(subjects.current);
  }

  getChildren(element?: LayerInfo): LayerInfo[] {
    return element ? [] : (this.subjects.current?.model.layers ?? []);
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(layer: LayerInfo): vscode.TreeItem {
    const session = this.subjects.current?.session ?? null;
    const state = this.health.stateOf(layer, session);
    const item = new vscode.TreeItem(layer.name);
    item.id = layer.name;
    const profile = session?.profile ?? null;
    item.description = layerDescription(layer, state, profile);
    item.tooltip = new vscode.MarkdownString(layerTooltip(layer, state, profile));
    item.iconPath = new vscode.ThemeIcon(layerIcon(layer));
    item.contextValue = layer.source ? 'layer withSource' : 'layer';
    item.command = { command: InternalCommands.selectLayer, title: 'Select Layer', arguments: [layer.name] };
    item.accessibilityInformation = { label: layerLabel(layer, state, profile) };
    return item;
  }

  private show(subject: Subject | null): void {
    this.stopFollowing();
    const reason = subject && !subject.model.trainable ? subject.model.notes.find((n) => n.severity === 'error')?.message : undefined;
    const session = subject?.session;
    this.view.message = reason ?? (session?.profile ? profileMessage(session.profile) : undefined);
    if (session) {
      this.runListeners = [
        session.onDidRecordMetrics(() => this.refreshSoon()),
        session.onDidChangeStatus(() => this.refreshSoon()),
        session.onDidReset(() => this.refreshSoon()),
        session.onDidMeasureStep((profile) => {
          this.view.message = profileMessage(profile);
          this.refresh();
        }),
      ];
    }
    this.refresh();
  }

  private reveal(name: string): void {
    const layer = this.subjects.layer(name);
    // Revealing in a hidden view would open the side bar.
    if (layer && this.view.visible) void this.view.reveal(layer, { select: true, focus: false }).then(undefined, () => {});
  }

  private refreshSoon(): void {
    if (this.view.visible) this.soon.request();
  }

  /** What stands beside the view's title: the model, and how far all of its layers are. */
  get description(): string | undefined {
    const subject = this.subjects.current;
    const word = subject?.model.layers.map((l) => this.health.stateOf(l, subject.session).word).find((w) => w && w !== 'frozen');
    return subject ? [subject.model.name, ...(word ? [word] : [])].join(' · ') : undefined;
  }

  private refresh(): void {
    this.view.description = this.description;
    this.changed.fire(undefined);
  }

  private stopFollowing(): void {
    for (const l of this.runListeners) l.dispose();
    this.runListeners = [];
    this.soon.dispose();
  }
}
