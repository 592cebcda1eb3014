// Compares `kernelscope weights --json --sha256` with reference values of real weight files.
//   node test/weights-parity.mjs DIR [--cli dist/cli.js] [--verbose]
// DIR holds expected.json: { units: [{ id, format, tensors: [{ name, dtype, shape, sha256_f32 }], first_conv? }] } and the files.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cli: { type: 'string', default: 'dist/cli.js' }, verbose: { type: 'boolean', default: false } },
});
const dir = positionals[0];
if (!dir) {
  console.error('usage: node test/weights-parity.mjs DIR [--cli dist/cli.js] [--verbose]');
  process.exit(2);
}

/** Where names or shapes are a reader's convention rather than the file's, and what the reference does. */
const conventions = {
  pytorch: {
    why: 'nested dictionaries: joined by a dot here, by a slash in part of the reference',
    name: (n) => n.replaceAll('/', '.'),
  },
  caffe: {
    why: "biases: [n] as in the file here, [n, 1] in the reference, because OpenCV's matrices have at least two axes",
    shape: (s) => (s.length === 1 ? [s[0], 1] : s),
  },
};

const { units } = JSON.parse(fs.readFileSync(path.join(dir, 'expected.json'), 'utf8'));
const rows = [];
const used = new Set();
let failures = 0;
for (const unit of units) {
  const started = performance.now();
  const r = spawnSync(process.execPath, [values.cli, 'weights', path.join(dir, unit.id), '--json', '--sha256'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const ms = Math.round(performance.now() - started);
  if (r.status !== 0) {
    failures++;
    rows.push([unit.id, '', '', '', '', '', String(ms), (r.stderr || String(r.error)).trim().split('\n')[0]]);
    continue;
  }
  const read = JSON.parse(r.stdout);
  const { problems, counts } = compare(unit, read);
  if (problems.length) failures++;
  rows.push([unit.id, read.format, ...counts, String(ms), problems.slice(0, values.verbose ? undefined : 2).join(' | ') || 'ok']);
}
const head = ['unit', 'format', 'tensors', 'names', 'shapes', 'sha256', 'ms', 'verdict'];
const widths = head.map((_, c) => Math.max(...[head, ...rows].map((r) => r[c].length)));
for (const row of [head, ...rows]) console.log(row.map((cell, c) => (c === head.length - 1 ? cell : cell.padEnd(widths[c]))).join('  '));
for (const format of used) console.log(`${format}: ${conventions[format].why}`);
console.log(`${rows.length - failures} of ${rows.length} units as expected`);
process.exitCode = failures ? 1 : 0;

function compare(unit, read) {
  const convention = conventions[unit.format] ?? {};
  const byName = new Map(read.tensors.map((t) => [t.name, t]));
  const byPlainName = new Map(read.tensors.map((t) => [convention.name ? convention.name(t.name) : t.name, t]));
  const problems = read.format === unit.format ? [] : [`format ${read.format} instead of ${unit.format}`];
  let [names, shapes, hashes] = [0, 0, 0];
  for (const expected of unit.tensors) {
    let found = byName.get(expected.name);
    if (!found && convention.name && (found = byPlainName.get(convention.name(expected.name)))) used.add(unit.format);
    if (!found) {
      problems.push(`${expected.name} is missing`);
      continue;
    }
    names++;
    const same = (a, b) => a.length === b.length && a.every((n, k) => n === b[k]);
    let sameShape = same(found.shape, expected.shape);
    if (!sameShape && convention.shape && (sameShape = same(convention.shape(found.shape), expected.shape))) used.add(unit.format);
    if (sameShape) shapes++;
    else problems.push(`${expected.name} is [${found.shape}] instead of [${expected.shape}]`);
    if (found.sha256 === expected.sha256_f32) hashes++;
    else problems.push(`${expected.name} hashes to ${found.sha256}`);
    if (found.dtype !== expected.dtype) problems.push(`${expected.name} is ${found.dtype} instead of ${expected.dtype}`);
  }
  const more = read.tensors.filter((t) => t.sha256).length - names;
  if (more > 0) problems.push(`${more} tensors more than expected`);
  const conv = unit.first_conv;
  const first = conv && (byName.get(conv.name) ?? byPlainName.get(convention.name?.(conv.name)));
  if (first && first.layout !== conv.layout) problems.push(`${conv.name} has the layout ${first.layout} instead of ${conv.layout}`);
  if (first && first.role !== 'conv kernel') problems.push(`${conv.name} is called a ${first.role}`);
  const n = unit.tensors.length;
  return { problems, counts: [String(read.tensors.length), `${names}/${n}`, `${shapes}/${n}`, `${hashes}/${n}`] };
}
