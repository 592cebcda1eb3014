import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isOfStep } from '../common/frame';
import type { Difference, WeightDiff } from '../common/weightDiff';
import { parseMoment, storedMoment } from '../runs/moments';
import { WeightsThread } from '../weights/weightsThread';
import { printable } from '../weights/printable';
import { parseCommand } from './options';
import { UserError } from './userError';
import { failFor } from './weightsCommand';

const usage = 'diff FILE|RUN@STEP FILE|RUN@STEP [--json]';
/** Kernels printed per tensor; --json has all. */
const SHOWN = 5;
/** Names printed in a row. */
const LISTED = 20;
const LONGEST = 160;

/** `kernelscope diff`: how two weight files, or moments of runs, differ, tensor by tensor and kernel by kernel, the most changed first. */
export const diffCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 2, { json: { type: 'boolean', default: false } });
    const [fileA, fileB] = [await fileOf(positionals[0]), await fileOf(positionals[1])];
    const thread = new WeightsThread();
    try {
      const open = (path: string) => thread.call('open', { path: resolve(path) }).catch((error: unknown) => failFor(path, error));
      const a = await open(fileA);
      const b = await open(fileB);
      const diff = await thread.call('compare', { a: resolve(fileA), b: resolve(fileB) }).catch((error: unknown) => failFor(fileB, error));
      const sides = { a: { file: fileA, format: a.info.format }, b: { file: fileB, format: b.info.format } };
      if (values.json) console.log(JSON.stringify({ ...sides, ...diff }, finite));
      else print(diff);
      return 0;
    } finally {
      thread.dispose();
    }
  },
};

/**
 * The file of a moment of a run; anything else is a file already.
 * @throws UserError when the run keeps no such frame.
 */
async function fileOf(argument: string): Promise<string> {
  const asked = parseMoment(argument);
  if (!asked || existsSync(resolve(argument))) return argument;
  return storedMoment(resolve(asked.folder), asked.moment).then(
    (found) => found.path,
    (error: Error) => {
      throw new UserError(asked.folder, 1, error.message);
    },
  );
}

/** JSON has no infinity: a change from nothing is null. */
function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function print(diff: WeightDiff): void {
  if (diff.isEqual) console.log(`exactly equal: ${diff.tensors.length} tensors, every value the same`);
  const weights = diff.tensors.filter((t) => !isOfStep(t.nameA));
  const equal = weights.filter((t) => t.isEqual);
  for (const t of weights) {
    if (t.isEqual) continue;
    const name = printable(t.nameA === t.nameB ? t.nameA : `${t.nameA} / ${t.nameB}`, LONGEST);
    console.log(`${name} [${t.shape.join(', ')}]: ${words(t)}${t.notFinite ? `, ${t.notFinite} values not finite on one side` : ''}`);
    for (const k of t.kernels.slice(0, SHOWN)) console.log(`  kernel ${k.kernel}: ${words(k)}`);
    if (t.kernels.length > SHOWN) console.log(`  and ${t.kernels.length - SHOWN} kernels that changed less`);
  }
  if (!diff.isEqual && equal.length) console.log(`exactly equal: ${listed(equal.map((t) => t.nameA))}`);
  for (const t of diff.reshaped)
    console.log(`${printable(t.name, LONGEST)}: the shape [${t.shapeA.join(', ')}] became [${t.shapeB.join(', ')}]`);
  const [onlyA, onlyB] = [diff.onlyA, diff.onlyB].map((names) => names.filter((n) => !isOfStep(n)));
  const ofSteps = diff.tensors.length - weights.length + diff.onlyA.length - onlyA.length + diff.onlyB.length - onlyB.length;
  if (ofSteps) console.log(`gradients, updates and states of the steps: ${ofSteps} tensors, listed by --json`);
  if (onlyA.length) console.log(`only in the first: ${listed(onlyA)}`);
  if (onlyB.length) console.log(`only in the second: ${listed(onlyB)}`);
  for (const note of diff.notes) console.log(`note: ${printable(note, 500)}`);
}

function listed(names: string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return printable(names.slice(0, LISTED).join(', '), LONGEST * LISTED) + more;
}

function words(d: Difference): string {
  if (d.isEqual) return 'exactly equal';
  const change = Number.isFinite(d.relative) ? `changed by ${(d.relative * 100).toPrecision(3)} %` : 'changed from zero';
  return `${change} (rms ${d.rms.toPrecision(4)}, at most ${d.maxAbs.toPrecision(4)})`;
}
