import type { ColorTheme } from '../../src/common/colorMap';
import type { ViewCalls } from '../../src/common/panelProtocol';
import type { Tooltip } from '../kernels/tooltip';
import type { RunData } from '../run/runData';
import type { GalleryIntent } from './galleryIntent';

/** What the gallery's parts get to see and may do. */
export interface GalleryContext {
  readonly run: RunData;
  readonly intent: Readonly<GalleryIntent>;
  readonly theme: ColorTheme;
  readonly tooltip: Tooltip;
  /** What the cursor or another view points at. */
  readonly selection: { layer: string; filter: number | null } | null;
  change(part: Partial<GalleryIntent>): void;
  /** Opens a layer, or one of its kernels, in the panel. */
  open(layer: string, filter: number | null): void;
  /** Asks the host; what goes wrong is shown at the top. */
  perform<K extends keyof ViewCalls>(call: K, params: ViewCalls[K]['params']): Promise<void>;
  requestDraw(): void;
}
