import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { packMatrix } from './convolutionKernels';
import { JOB } from './jobs';
import { whole } from './launch';

interface MatmulAttributes {
  transposeA: boolean;
  transposeB: boolean;
  activation?: string;
}

/** Smaller products aren't cut. */
const MIN_WORK = 40_000;
/** Pieces that a product is cut into, so that threads finish together. */
const PIECES = 16;

/** Bytes of a right-hand matrix from which on it is packed panel by panel where it is used, instead of being written to memory and read again. */
const LARGE = 400_000;
/** Bytes of a part of a panel, which then stays in the first-level cache: 512 rows of 8 columns. */
const PANEL_BYTES = 512 * 32;

/** Rows of the micro-kernel's tile. */
const ROWS = 4;

/** How a product is cut: rows and panels of 8 columns per item. */
function cut(m: number, n: number, k: number, transposeA: boolean): { rows: number; panels: number } {
  const panels = Math.ceil(n / 8);
  if (2 * m * n * k < MIN_WORK) return { rows: m, panels };
  const rows = (pieces: number): number => Math.max(ROWS, Math.ceil(m / pieces / ROWS) * ROWS);
  // A transposed A is read line by line along its rows: cut there, so that no two items read the same lines.
  if (transposeA || panels < PIECES) return { rows: rows(PIECES), panels };
  return { rows: m <= 256 ? m : rows(4), panels: Math.ceil(panels / PIECES) };
}

/** C = A·B (+ bias), relu; a batch of `count` products with `stepA` and `stepB` floats between operands. */
export function multiply(
  c: Context,
  a: number,
  b: number,
  out: number,
  shape: { m: number; n: number; k: number; count: number; stepA: number; stepB: number },
  attrs: MatmulAttributes,
  bias: number,
): void {
  const { m, n, k, count, stepA, stepB } = shape;
  const { transposeA, transposeB } = attrs;
  const machine = c.machine;
  const panels = Math.ceil(n / 8);
  const piece = cut(m, n, k, transposeA);
  const across = Math.ceil(panels / piece.panels);
  const perProduct = across * Math.ceil(m / piece.rows);
  const items = perProduct * count;
  // No two items may need the same panel.
  const packsItself = count === 1 && piece.rows >= m && across > 1 && k * n * 4 >= LARGE;
  c.temporarily((reserve) => {
    const packedBytes = panels * k * 32;
    const matrices = stepB === 0 ? 1 : count;
    const packed = packsItself ? 0 : reserve(packedBytes * matrices);
    if (matrices > 1)
      machine.launch({
        job: JOB.pack,
        items: matrices,
        chunks: matrices,
        words: [b, k, n, packed, transposeB ? 1 : 0, panels, 1, stepB * 4, packedBytes],
        reads: [whole(b, matrices * stepB * 4)],
        writes: [whole(packed, packedBytes * matrices)],
        work: matrices * k * n * 4,
      });
    else if (!packsItself) packMatrix(c, b, k, n, transposeB, packed);
    machine.launch({
      job: JOB.matmul,
      items,
      chunks: items,
      words: [
        a,
        transposeA ? 4 : k * 4,
        transposeA ? m * 4 : 4,
        ...[m, n, k, packed, bias, out],
        attrs.activation === 'relu' ? 1 : 0,
        ...[piece.rows, piece.panels, across, perProduct, stepA * 4, matrices === 1 ? 0 : packedBytes, m * n * 4],
        ...(packsItself ? [b, (transposeB ? k : n) * 4, transposeB ? 1 : 0] : [0, 0, 0]),
      ],
      reads: [
        whole(a, ((count - 1) * stepA + m * k) * 4),
        packsItself ? whole(b, k * n * 4) : whole(packed, packedBytes * matrices),
        ...(bias ? [whole(bias, n * 4)] : []),
      ],
      writes: [whole(out, count * m * n * 4)],
      scratch: packsItself ? PANEL_BYTES : 0,
      work: 2 * m * n * k * count,
    });
  });
}

/** Registers matrix products, batched, transposed, with bias and relu. */
export function registerMatmul(c: Context): void {
  const run = (a: Info, b: Info, attrs: MatmulAttributes, bias?: Info): Info | undefined => {
    if (!areFloats(a, b, bias)) return undefined;
    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const countA = sizeOf(batchA);
    const countB = sizeOf(batchB);
    // Operands of different batch sizes broadcast only when one of them is a single matrix.
    if (countA !== countB && countA !== 1 && countB !== 1) return undefined;
    const [p, q] = a.shape.slice(-2);
    const [r, s] = b.shape.slice(-2);
    const m = attrs.transposeA ? q : p;
    const k = attrs.transposeA ? p : q;
    const n = attrs.transposeB ? r : s;
    const batch = countA >= countB ? (batchA.length >= batchB.length || countA > countB ? batchA : batchB) : batchB;
    const out = c.output([...batch, m, n]);
    const count = Math.max(countA, countB);
    const shape = { m, n, k, count, stepA: countA === 1 ? 0 : m * k, stepB: countB === 1 ? 0 : k * n };
    multiply(c, c.at(a), c.at(b), c.at(out), shape, attrs, bias ? c.at(bias) : 0);
    return out;
  };
  c.register<MatmulAttributes>(tfc.BatchMatMul, ({ inputs: { a, b }, attrs }) => run(a, b, { ...attrs, activation: 'linear' }));
  c.register<MatmulAttributes>(tfc._FusedMatMul, ({ inputs, attrs }) => {
    const { a, b, bias } = inputs;
    const known = attrs.activation === undefined || attrs.activation === 'linear' || attrs.activation === 'relu';
    if (inputs.preluActivationWeights || !known) return undefined;
    const n = attrs.transposeB ? b.shape[b.shape.length - 2] : b.shape[b.shape.length - 1];
    if (bias && sizeOf(bias.shape) !== n) return undefined;
    return run(a, b, attrs, bias);
  });
}
