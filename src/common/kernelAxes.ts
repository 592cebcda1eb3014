import type { WeightLayout } from './weightFile';

/** Which axes of a tensor are a kernel's space, its input channels and its output channels. */
export interface KernelAxes {
  /** Slowest first: depth, height, width. */
  space: number[];
  /** null: a kernel has one channel. */
  input: number | null;
  /** Together they number the kernels, the first the slowest. */
  output: number[];
}

const AXES: Partial<Record<WeightLayout, KernelAxes>> = {
  HWIO: { space: [0, 1], input: 2, output: [3] },
  HWOI: { space: [0, 1], input: 3, output: [2] },
  HWIM: { space: [0, 1], input: null, output: [2, 3] },
  OIHW: { space: [2, 3], input: 1, output: [0] },
  IOHW: { space: [2, 3], input: 0, output: [1] },
  OHWI: { space: [1, 2], input: 3, output: [0] },
  '1HWO': { space: [1, 2], input: null, output: [0, 3] },
  KIO: { space: [0], input: 1, output: [2] },
  KIM: { space: [0], input: null, output: [1, 2] },
  OIK: { space: [2], input: 1, output: [0] },
  IOK: { space: [2], input: 0, output: [1] },
  DHWIO: { space: [0, 1, 2], input: 3, output: [4] },
  OIDHW: { space: [2, 3, 4], input: 1, output: [0] },
};

const LABELS: Record<WeightLayout, string> = {
  HWIO: 'height, width, in, out',
  HWOI: 'height, width, out, in (transposed)',
  HWIM: 'height, width, in, multiplier (depthwise)',
  OIHW: 'out, in, height, width',
  IOHW: 'in, out, height, width (transposed)',
  OHWI: 'out, height, width, in',
  '1HWO': '1, height, width, out (depthwise)',
  KIO: 'width, in, out',
  KIM: 'width, in, multiplier (depthwise)',
  OIK: 'out, in, width',
  IOK: 'in, out, width (transposed)',
  DHWIO: 'depth, height, width, in, out',
  OIDHW: 'out, in, depth, height, width',
  IO: 'in, out',
  OI: 'out, in',
};

/** @returns null for layouts of matrices, which hold no kernels. */
export function kernelAxes(layout: WeightLayout): KernelAxes | null {
  return AXES[layout] ?? null;
}

/** The layouts that a tensor of so many axes can have, kernels and matrices alike. */
export function layoutsOfRank(rank: number): WeightLayout[] {
  return (Object.keys(LABELS) as WeightLayout[]).filter((l) => l.length === rank);
}

/** What the letters mean: `out, in, height, width`. */
export function layoutLabel(layout: WeightLayout): string {
  return LABELS[layout];
}

const AXIS_NAMES: Record<string, string> = { H: 'height', W: 'width', D: 'depth', K: 'width', I: 'in', O: 'out', M: 'multiplier' };

/** A name per axis: what the layout says, or `axis 0`, `axis 1`, … */
export function axisNames(rank: number, layout: WeightLayout | null): string[] {
  return Array.from({ length: rank }, (_, k) => (layout?.length === rank && AXIS_NAMES[layout[k]]) || `axis ${k}`);
}
