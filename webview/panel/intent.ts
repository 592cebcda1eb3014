import type { AtlasMode } from '../../src/common/kernelLayout';
import type { FilterKey, SortKey } from '../kernels/kernelOrder';
import type { Field } from '../run/fields';

/** What the person set up in the panel: all that survives when the page goes. No run data. */
export interface PanelIntent {
  layer: string | null;
  /** The weight looked at, by layer. */
  weights: Record<string, string>;
  field: Field;
  mode: AtlasMode;
  sort: SortKey;
  filter: FilterKey;
  zoom: number;
  /** Dense kernels behind a Flatten as kernels over the map that was made flat. */
  isUnfolded: boolean;
  /** The kernel (unit, value) opened in the inspector. */
  open: number | null;
  /** The one weight of it whose step is written out: place within the kernel, row by row, channels innermost. */
  place: number;
  /** Answers that are unfolded. */
  answers: string[];
  smoothing: number;
  isLogLoss: boolean;
}

export const INITIAL_INTENT: PanelIntent = {
  layer: null,
  weights: {},
  field: 'weight',
  mode: 'auto',
  sort: 'index',
  filter: 'all',
  zoom: 0,
  isUnfolded: true,
  open: null,
  place: 0,
  answers: [],
  smoothing: 0.6,
  isLogLoss: false,
};
