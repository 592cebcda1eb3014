import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';

const WORKGROUP = 64;
/** Work groups along one axis that every GPU takes (WebGPU's maxComputeWorkgroupsPerDimension). */
const MAX_GROUPS = 65_535;

/** A kernel of our own: what one invocation does, in WGSL. */
export interface GpuKernel {
  /** Arrays of float32 by the name that the code calls them by. */
  inputs?: Record<string, tfc.TensorInfo>;
  /** 32-bit floats and unsigned integers that the code reads as `u.name`; they may change from call to call. */
  floats?: Record<string, number>;
  words?: Record<string, number>;
  /** How often the code runs; `i` counts from 0. Absent: once per element of the output. */
  count?: number;
  /** Statements; they write `result[…]`. */
  code: string;
}

/**
 * Runs a kernel.
 * @param into its output: a new tensor's shape, or a tensor whose values it changes in place, which the code may then read, too
 */
export function runGpuKernel(backend: WebGPUBackend, kernel: GpuKernel, into: number[] | tfc.TensorInfo): tfc.TensorInfo {
  const { inputs = {}, floats = {}, words = {}, code } = kernel;
  const output = Array.isArray(into) ? undefined : into;
  const outputShape = output?.shape ?? (into as number[]);
  const count = kernel.count ?? tfc.util.sizeFromShape(outputShape);
  const groups = Math.ceil(count / WORKGROUP);
  const names = Object.keys(inputs);
  const declared = [...Object.keys(floats).map((n) => `${n} : f32, `), ...Object.keys(words).map((n) => `${n} : u32, `), 'count : u32, '];
  const program: WebGPUProgram = {
    variableNames: names,
    uniforms: declared.join(''),
    outputShape,
    outputComponent: 1,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: outputShape.map((_, i) => i) },
    dispatch: [Math.min(groups, MAX_GROUPS), Math.ceil(groups / MAX_GROUPS), 1],
    size: false,
    // Pipelines are kept by this key.
    shaderKey: `kernelscope ${names.join()} ${declared.join('')} ${code}`,
    getUserCode: () => `
      fn main(index : i32) {
        let i = u32(index);
        if (i < uniforms.count) {
          ${code.replaceAll(/\bu\./g, 'uniforms.')}
        }
      }`,
  };
  const uniforms = [
    ...Object.values(floats).map((v) => ({ type: 'float32', data: [v] })),
    ...[...Object.values(words), count].map((v) => ({ type: 'uint32', data: [v] })),
  ];
  return backend.runWebGPUProgram(program, Object.values(inputs), 'float32', uniforms, output);
}

/** Rows that one invocation adds up. */
const RUN = 64;

/**
 * Sums of the columns of `rows` × `columns` values, always in the same order.
 * @param value WGSL for one value from `i`, its place, and `k`, its column
 */
export function columnSums(
  backend: WebGPUBackend,
  inputs: Record<string, tfc.TensorInfo>,
  value: string,
  rows: number,
  columns: number,
  floats: Record<string, number> = {},
): tfc.TensorInfo {
  let sums: tfc.TensorInfo | null = null;
  let left = rows;
  do {
    const parts = Math.max(1, Math.ceil(left / RUN));
    const next: tfc.TensorInfo = runGpuKernel(
      backend,
      {
        inputs: sums ? { x: sums } : inputs,
        floats: sums ? {} : floats,
        words: { rows: left, columns, parts },
        // Neighbours read neighbouring columns; row r goes to part r mod parts.
        code: `
          let k = i % u.columns;
          var sum = 0.0;
          let part = i / u.columns;
          for (var row = part; row < u.rows; row += u.parts) {
            let i = row * u.columns + k;
            sum += ${sums ? 'x[i]' : value};
          }
          result[i] = sum;`,
      },
      parts === 1 ? [columns] : [parts, columns],
    );
    if (sums) backend.disposeData(sums.dataId);
    sums = next;
    left = parts;
  } while (left > 1);
  return sums;
}
