import { kernelAxes } from '../../src/common/kernelAxes';
import type { WeightLayout, WeightTensor } from '../../src/common/weightFile';
import { formatCount, formatNumber } from '../ui/format';
import { relativeChange, type PairState } from './comparison';

/** 3 × 3 × 64, `scalar` for none. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ');
}

/** 512 B, 3.4 kB, 1.2 GB */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let k = 0;
  while (bytes >= 999.5 && k < units.length - 1) {
    bytes /= 1000;
    k++;
  }
  return k === 0 ? `${formatCount(bytes)} B` : `${Number(bytes.toPrecision(3))} ${units[k]}`;
}

/** 4.1 %, 0.0032 % */
export function percentText(share: number): string {
  return Number.isFinite(share) ? `${formatNumber(share * 100, 3)} %` : 'from zero';
}

function changeText(share: number): string {
  return Number.isFinite(share) ? `changed by ${percentText(share)}` : 'changed from zero';
}

/** What became of a tensor, in a few words. */
export function stateText(state: PairState, isRunning: boolean): string {
  switch (state.kind) {
    case 'pending':
      return isRunning ? 'comparing …' : 'not compared';
    case 'onlyA':
      return 'only in the first file';
    case 'onlyB':
      return 'only in the second file';
    case 'shape':
      return 'another shape';
    case 'failed':
      return state.message;
    case 'difference':
      return state.difference.isEqual ? 'identical' : changeText(relativeChange(state.difference));
  }
}

/** How a tensor is shown. */
export type Display = { kind: 'kernels'; layout: WeightLayout } | { kind: 'vector' } | { kind: 'plane' } | { kind: 'nothing'; why: string };

export function displayOf(tensor: WeightTensor, chosen: WeightLayout | 'matrix' | undefined): Display {
  if (tensor.unreadable !== null) return { kind: 'nothing', why: `These values cannot be read as numbers: ${tensor.unreadable}.` };
  if (tensor.shape.some((n) => n === 0)) return { kind: 'nothing', why: 'This tensor has no values: one of its axes has length 0.' };
  const layout = chosen ?? tensor.layout;
  if (layout && layout !== 'matrix' && layout.length === tensor.shape.length && kernelAxes(layout)) return { kind: 'kernels', layout };
  return { kind: tensor.shape.length < 2 ? 'vector' : 'plane' };
}

/** The layout by which axes are named: the person's, else the file's. */
export function axisLayout(tensor: WeightTensor, chosen: WeightLayout | 'matrix' | undefined): WeightLayout | null {
  return chosen === 'matrix' || chosen === undefined ? tensor.layout : chosen;
}

/** Where a kernel's value stands in the tensor as stored: `[5, 3, 1, 2]`. */
export function storedIndex(shape: readonly number[], layout: WeightLayout, filter: number, y: number, x: number, channel: number): string {
  const axes = kernelAxes(layout);
  if (!axes) return '';
  const index = shape.map(() => 0);
  const space = [...axes.space];
  index[space.pop() as number] = x;
  for (const k of space.reverse()) {
    index[k] = y % shape[k];
    y = Math.floor(y / shape[k]);
  }
  if (axes.input !== null) index[axes.input] = channel;
  if (axes.output.length === 2) {
    const [slow, fast] = axes.output;
    index[slow] = Math.floor(filter / shape[fast]);
    index[fast] = filter % shape[fast];
  } else index[axes.output[0]] = filter;
  return `[${index.join(', ')}]`;
}

/** One side of a comparison: `First: …0.47.hdf5`, the names without what both begin with. */
export function sideLabel(files: readonly { name: string }[], side: 0 | 1): string {
  const [a, b] = [files[0].name, files[1].name];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const cut = a === b ? 0 : Math.max(...['.', '-', '_', '/'].map((c) => a.slice(0, same).lastIndexOf(c))) + 1;
  const name = files[side].name.slice(cut);
  return `${side === 0 ? 'First' : 'Second'}: ${cut > 0 ? '…' : ''}${name}`;
}
