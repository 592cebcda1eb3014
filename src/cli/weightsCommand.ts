import type { WeightFileInfo, WeightTensor } from '../common/weightFile';
import { printable } from '../weights/printable';
import { openWeights } from '../weights/openWeights';
import { WeightError } from '../weights/weightError';
import type { WeightFileReader } from '../weights/weightFileReader';
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
    const reader = await openForUser(file);
    try {
      const hashes = values.sha256 ? await hashAll(reader).catch((error: unknown) => failFor(file, error)) : null;
      if (values.json) console.log(JSON.stringify(asJson(reader.info, hashes)));
      else printTable(reader.info, hashes);
      return 0;
    } finally {
      reader.close();
    }
  },
};

/** Opens a weight file; what is wrong with it becomes a UserError. */
export function openForUser(file: string): Promise<WeightFileReader> {
  return openWeights(file).catch((error: unknown) => failFor(file, error));
}

/** @throws UserError for what is wrong with a weight file, anything else as it is. */
export function failFor(file: string, error: unknown): never {
  if (error instanceof WeightError) throw new UserError(file, 1, error.message);
  throw error;
}

async function hashAll(reader: WeightFileReader): Promise<(string | null)[]> {
  const hashes: (string | null)[] = [];
  for (const t of reader.info.tensors) hashes.push(t.unreadable === null ? await reader.sha256(t.name) : null);
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
  for (const row of rows)
    console.log(
      row
        .map((cell, c) => (c === 5 ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
        .join('  ')
        .trimEnd(),
    );
  const values = info.tensors.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0);
  console.log(`${info.tensors.length} tensors, ${values} values`);
  for (const warning of info.warnings) console.log(`warning: ${printable(warning, 500)}`);
}
