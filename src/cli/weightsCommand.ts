import { resolve } from 'node:path';
import type { WeightFileInfo, WeightTensor } from '../common/weightFile';
import { printable } from '../weights/printable';
import { WeightsThread } from '../weights/weightsThread';
import { parseCommand } from './options';
import { UserError } from './userError';

/** Names in the printed table; --json has them whole. */
const LONGEST_NAME = 160;

const usage = 'weights FILE [--json] [--sha256]';

/** `kernelscope weights`: what a weight file holds. */
export const weightsCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, {
      json: { type: 'boolean', default: false },
      sha256: { type: 'boolean', default: false },
    });
    const file = positionals[0];
    const path = resolve(file);
    const thread = new WeightsThread();
    try {
      const { info } = await thread.call('open', { path });
      const hashes = values.sha256 ? await hashAll(thread, path, info.tensors) : null;
      if (values.json) console.log(JSON.stringify(asJson(info, hashes)));
      else printTable(info, hashes);
      return 0;
    } catch (error) {
      return failFor(file, error);
    } finally {
      thread.dispose();
    }
  },
};

/** @throws UserError for what is wrong with a weight file, anything else as it is. */
export function failFor(file: string, error: unknown): never {
  if (error instanceof Error && error.name === 'WeightError') throw new UserError(file, 1, error.message);
  throw error;
}

async function hashAll(thread: WeightsThread, path: string, tensors: WeightTensor[]): Promise<(string | null)[]> {
  const hashes: (string | null)[] = [];
  for (const t of tensors) hashes.push(t.unreadable === null ? await thread.call('sha256', { path, tensor: t.name }) : null);
  return hashes;
}

function asJson(info: WeightFileInfo, hashes: (string | null)[] | null): object {
  const tensors = info.tensors.map(({ name, dtype, shape, layout, layoutReason, role, bytes, layer, unreadable }, i) => ({
    name,
    dtype,
    shape,
    layout,
    layoutReason,
    role,
    bytes,
    layer,
    ...(unreadable === null ? {} : { unreadable }),
    ...(hashes ? { sha256: hashes[i] } : {}),
  }));
  return { format: info.format, producer: info.producer, tensors, graph: info.graph, warnings: info.warnings };
}

function printTable(info: WeightFileInfo, hashes: (string | null)[] | null): void {
  const said = Object.entries(info.producer).map(([k, v]) => `${k} ${typeof v === 'string' ? v : JSON.stringify(v)}`);
  console.log(printable([info.format, ...said].join(', '), 2000));
  const cells = (t: WeightTensor, i: number): string[] => [
    printable(t.name, LONGEST_NAME),
    printable(t.dtype, 40),
    `[${t.shape.join(', ')}]`,
    t.layout ?? '',
    t.role,
    String(t.bytes),
    ...(hashes ? [hashes[i] ?? ''] : []),
  ];
  const head = ['name', 'dtype', 'shape', 'layout', 'role', 'bytes', ...(hashes ? ['sha256'] : [])];
  const rows = [head, ...info.tensors.map(cells)];
  const widths = head.map((_, c) => rows.reduce((w, r) => Math.max(w, r[c].length), 0));
  const lines = rows.map((row) =>
    row
      .map((cell, c) => (c === 5 ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .join('  ')
      .trimEnd(),
  );
  // A call per line would take a second for the largest files.
  console.log(lines.join('\n'));
  const values = info.tensors.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0);
  console.log(`${info.tensors.length} tensors, ${values} values`);
  for (const warning of info.warnings) console.log(`warning: ${printable(warning, 500)}`);
}
