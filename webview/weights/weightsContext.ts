import type { Channel } from '../../src/base/channel';
import type { ColorTheme } from '../../src/common/colorMap';
import type { AtlasMode } from '../../src/common/kernelLayout';
import type { Reduction } from '../../src/common/planeReduction';
import type { WeightLayout, WeightTensor } from '../../src/common/weightFile';
import type { WeightsSubject, WeightsViewCalls, WeightsViewEvents } from '../../src/common/weightsViewProtocol';
import type { Tooltip } from '../kernels/tooltip';
import type { Comparison } from './comparison';
import type { WeightsData } from './weightsData';

export type WeightsChannel = Channel<Record<never, never>, WeightsViewCalls, Record<never, never>, WeightsViewEvents>;

/** How the tensors are listed. */
export type ListOrder = 'file' | 'name' | 'size' | 'change';
export type TileSort = 'index' | 'norm' | 'change';
/** What a film shows of a tensor. */
export type FilmField = 'value' | 'sinceFirst' | 'sincePrevious';

/** Which two axes of a tensor are shown, and where the others stand. */
export interface PlaneChoice {
  rowAxis: number;
  columnAxis: number;
  at: number[];
}

/** What the person has set up; kept when the page goes. */
export interface WeightsIntent {
  tensor: string | null;
  filter: string;
  order: ListOrder;
  list: 'tensors' | 'graph';
  /** Layouts chosen by the person; `matrix`: not as kernels. */
  layouts: Record<string, WeightLayout | 'matrix'>;
  planes: Record<string, PlaneChoice>;
  mode: AtlasMode;
  sort: TileSort;
  zoom: number;
  isClipped: boolean;
  /** What a cell of an overview shows of its values. */
  reduce: Reduction;
  /** The opened kernel, and the chosen number in it. */
  open: number | null;
  place: number;
  /** The first kernel shown of a tensor with too many. */
  first: number;
  /** The film's file. */
  file: number;
  field: FilmField;
  /** What the view was opened on: after a reload of the window, nothing else tells. */
  subject: WeightsSubject | null;
}

export const INITIAL_WEIGHTS: WeightsIntent = {
  tensor: null,
  filter: '',
  order: 'file',
  list: 'tensors',
  layouts: {},
  planes: {},
  mode: 'auto',
  sort: 'index',
  zoom: 0,
  isClipped: false,
  reduce: 'largest',
  open: null,
  place: 0,
  first: 0,
  file: 0,
  field: 'value',
  subject: null,
};

/** What every part of the page gets to see and may do. */
export interface WeightsContext {
  readonly data: WeightsData;
  readonly comparison: Comparison;
  readonly intent: Readonly<WeightsIntent>;
  readonly theme: ColorTheme;
  readonly tooltip: Tooltip;
  /** The tensor looked at; in a comparison the first file's, or the second's where only that has it. */
  readonly tensor: WeightTensor | null;
  change(part: Partial<WeightsIntent>): void;
  requestDraw(): void;
}
