import type { ColorTheme } from '../../src/common/colorMap';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import type { ViewCalls } from '../../src/common/panelProtocol';
import type { Tooltip } from '../kernels/tooltip';
import type { RunChange, RunData } from '../run/runData';
import type { PanelIntent } from './intent';

/** Why something is drawn again. */
export type Reason = RunChange | 'intent' | 'theme' | 'size';

/** What every part of the panel gets to see and may do. */
export interface PanelContext {
  readonly run: RunData;
  readonly intent: Readonly<PanelIntent>;
  readonly theme: ColorTheme;
  readonly tooltip: Tooltip;
  /** The layer looked at, and its weight. */
  readonly layer: LayerInfo | null;
  readonly weight: WeightSpec | null;
  change(part: Partial<PanelIntent>): void;
  /** Asks the host; what goes wrong is shown at the top of the panel. */
  perform<K extends keyof ViewCalls>(call: K, params: ViewCalls[K]['params']): Promise<void>;
  /** Shows a failure of this page's own doing. */
  complain(message: string): void;
  requestDraw(): void;
}

/** A part of the panel. `draw` is called once per animation frame in which something of interest happened. */
export interface Section {
  readonly root: HTMLElement;
  draw(context: PanelContext, reasons: ReadonlySet<Reason>): void;
}

export function hasAny(reasons: ReadonlySet<Reason>, ...wanted: Reason[]): boolean {
  return wanted.some((r) => reasons.has(r));
}
