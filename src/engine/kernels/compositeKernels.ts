import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { binary, BINARY, unary, UNARY, WITH_ALPHA, withNumber } from './elementwiseKernels';
import { JOB } from './jobs';
import { blocks } from './launch';

/** Rows of an item of softmax. */
const ROWS = 8;

/** softmax over the last axis. */
function softmax(c: Context, x: Info): Info {
  const columns = x.shape.at(-1)!;
  const n = sizeOf(x.shape);
  const rows = n / columns;
  // By the first dimension where there is a batch, as its neighbours in the step.
  const per = x.shape.length > 1 && x.shape[0] > 1 ? rows / x.shape[0] : Math.min(rows, ROWS);
  const items = Math.ceil(rows / per);
  const y = c.output(x.shape);
  c.machine.launch({
    job: JOB.softmax,
    items,
    chunks: Math.min(items, 16),
    words: [c.at(x), c.at(y), rows, columns, per],
    reads: [blocks(c.at(x), n, per * columns)],
    writes: [blocks(c.at(y), n, per * columns)],
    inPlace: [c.at(x)],
    work: n * 30,
  });
  return y;
}

/** Abramowitz and Stegun 1964, 7.1.26, as TF.js has it. */
const ERF = { p: 0.3275911, a: [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592] } as const;

/** The error function: 1 - (a₁t + … + a₅t⁵) exp(-x²) with t = 1 / (1 + p|x|), with the sign of x. */
function erf(c: Context, x: Info): Info {
  /** One operation after the other; what it leads through goes. */
  const through = (first: Info, ...operations: ((y: Info) => Info)[]): Info =>
    operations.reduce((y, operation) => c.consume([y], () => operation(y)), first);
  const times = (number: number) => (y: Info) => withNumber(c, BINARY.Multiply, y, number);
  const plus = (number: number) => (y: Info) => withNumber(c, BINARY.Add, y, number);
  const apply = (op: number) => (y: Info) => unary(c, op, y);
  // Equal shapes always go.
  const by = (z: Info) => (y: Info) => binary(c, BINARY.Multiply, y, z)!;
  const t = through(unary(c, UNARY.Abs, x), times(ERF.p), plus(1), apply(UNARY.Reciprocal));
  const [top, ...others] = ERF.a;
  const sum = c.consume([t], () => through(times(top)(t), ...others.flatMap((a) => [plus(a), by(t)])));
  const bell = through(unary(c, UNARY.Square, x), apply(UNARY.Neg), apply(UNARY.Exp));
  const sign = unary(c, WITH_ALPHA.Step, x, -1);
  return c.consume([bell, sign], () => through(sum, by(bell), apply(UNARY.Neg), plus(1), by(sign)));
}

/** Registers functions that have a job of their own, or are made of others, so that steps with them can be captured. */
export function registerComposites(c: Context): void {
  c.register<{ dim: number }>(tfc.Softmax, ({ inputs: { logits }, attrs: { dim } }) =>
    areFloats(logits) && (dim === -1 || dim === logits.shape.length - 1) && sizeOf(logits.shape) > 0 ? softmax(c, logits) : undefined,
  );
  c.register(tfc.Erf, ({ inputs: { x } }) => (areFloats(x) ? erf(c, x) : undefined));
}
