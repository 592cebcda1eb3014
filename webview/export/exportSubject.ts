import type { AtlasLayout } from '../../src/common/atlasLayout';
import type { ColorTheme } from '../../src/common/colorMap';
import type { WeightView } from '../run/layerView';

/** What is exported: one view of one weight, as it is on screen but whole. */
export interface ExportSubject {
  /** `conv2d/kernel, gradient`, and where and when: the model, the step. */
  title: string;
  subtitle: string;
  /** Without an ending: `conv2d-kernel-gradient-step-20`. */
  fileName: string;
  view: WeightView;
  layout: AtlasLayout;
  values: Float32Array;
  scale: number;
  theme: ColorTheme;
  /** All that the frame tells of the weight, for tables: `weight`, `gradient`, … in the order of its values. */
  columns: { name: string; values: Float32Array }[];
}
