/**
 * Reads every model source below a folder and compares with what is expected of it.
 *
 *   node test/sources/compare.mjs DIR EXPECTED.json [--all] [--json] [--only TEXT]
 *
 * DIR holds <owner>+<repo>/<path> (at any depth; <path>@<first 7 digits of the commit> where several versions lie there). EXPECTED.json is a list of {repo, path, model, layers: [{class, args,
 * output_shape, params}], total_params}. A file is exact when one of the models read from it has exactly these layers: class,
 * output shape, parameters, in order (input layers aside), and the arguments that are given. --all prints every file.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
const require = createRequire(import.meta.url);
const { readModelSource } = require('../../src/model/readModelSource.ts');
const { diskFiles } = require('../../src/model/imports/diskFiles.ts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' } },
});
const [dir, expectedFile] = positionals;
if (!dir) {
  console.error('usage: node test/sources/compare.mjs DIR [EXPECTED.json] [--all] [--json] [--only TEXT]');
  process.exit(2);
}

const files = fs
  .readdirSync(dir, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && /\.(py|ipynb|json|js|ts|mjs|html)$/.test(e.name))
  .map((e) => path.relative(dir, path.join(e.parentPath, e.name)))
  .filter((f) => !values.only || f.includes(values.only))
  .sort();
const expected = new Map();
for (const e of expectedFile ? JSON.parse(fs.readFileSync(expectedFile, 'utf8')) : []) {
  const key = `${e.repo.replace('/', '+')}/${e.path}`;
  expected.set(key, [...(expected.get(key) ?? []), e]);
}

const plainPath = (file) => file.replace(/@[0-9a-f]{7}(?=\.\w+$)/, '');
const isFile = (file, key) => [file, plainPath(file)].some((f) => f === key || f.endsWith(`/${key}`));
/** Of several versions of a file, the one with the expected commit; a file without a version in its name fits when it is the only one. */
function isVersion(file, commit) {
  const versions = files.filter((f) => plainPath(f) === plainPath(file) && f !== plainPath(file));
  if (file !== plainPath(file)) return file.includes(`@${commit?.slice(0, 7)}.`);
  return !versions.some((f) => f.includes(`@${commit?.slice(0, 7)}.`));
}

const sameJson = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const spread = (v) => (Array.isArray(v) ? v : [v, v]);
const nameOf = (v) => (v && typeof v === 'object' && !Array.isArray(v) ? v.class_name : v);
const plainName = (v) => String(nameOf(v)).replace(/_/g, '').toLowerCase();

/** Why one argument is not as expected; null when it is. Spellings that mean the same are equal. */
function wrongArgument(layer, key, wanted) {
  const got = layer.config[key];
  if (key === 'input_shape' || key.endsWith('_constraint') || key.endsWith('_regularizer') || got === undefined) return null;
  const isEqual =
    typeof wanted === 'number' && typeof got === 'number'
      ? Math.abs(wanted - got) <= 1e-9 * Math.abs(wanted)
      : typeof wanted === 'string'
        ? plainName(wanted) === plainName(got)
        : sameJson(spread(got), spread(wanted));
  return isEqual || sameJson(spread(got), spread(wanted)) ? null : `${key} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;
}

/** The first difference between a model and what is expected; null when there is none. */
function difference(model, want) {
  const layers = model.layers.filter((l) => l.className !== 'InputLayer');
  const wanted = want.layers.filter((l) => l.output_shape && l.class !== 'InputLayer');
  for (let i = 0; i < Math.max(layers.length, wanted.length); i++) {
    const [got, exp] = [layers[i], wanted[i]];
    if (!got) return `layer ${i + 1} (${exp.class}) is missing`;
    if (!exp) return `layer ${i + 1} (${got.className}) is too many`;
    if (got.className !== exp.class) return `layer ${i + 1} is ${got.className}, not ${exp.class}`;
    if (!sameJson(got.outputShape, exp.output_shape))
      return `${got.name} gives ${JSON.stringify(got.outputShape)}, not ${JSON.stringify(exp.output_shape)}`;
    if (got.params !== exp.params) return `${got.name} has ${got.params} parameters, not ${exp.params}`;
    for (const [key, value] of Object.entries(exp.args ?? {})) {
      const wrong = wrongArgument(got, key, value);
      if (wrong) return `${got.name}: ${wrong}`;
    }
  }
  return model.totalParams === want.total_params ? null : `${model.totalParams} parameters, not ${want.total_params}`;
}

const rows = [];
for (const file of files) {
  const text = fs.readFileSync(path.join(dir, file), 'utf8');
  const started = performance.now();
  const cpu = process.cpuUsage();
  const absolute = path.resolve(dir, file);
  const source = await readModelSource({ path: absolute, text }, { files: await diskFiles(absolute, path.dirname(absolute)) });
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const wants = [...expected.entries()]
    .filter(([key]) => isFile(file, key))
    .flatMap(([, list]) => list.filter((w) => isVersion(file, w.commit)));
  const notes = [...source.notes, ...source.models.flatMap((m) => m.notes)];
  const gravest = notes.find((n) => n.severity === 'error') ?? notes.find((n) => n.severity === 'warning') ?? notes[0];
  const reason = gravest
    ? `${gravest.range.cell !== undefined ? `cell ${gravest.range.cell} ` : ''}${gravest.range.startLine + 1}: ${gravest.message}`
    : '';
  const differences = wants.map((want) => {
    const tried = source.models.map((m) => difference(m, want));
    return tried.includes(null)
      ? null
      : (tried[source.models.findIndex((m) => m.name === want.model)] ?? tried[0] ?? `nothing was read. ${reason}`);
  });
  const built = source.models.filter((m) => m.outputShapes.length > 0 && m.outputShapes.every((s) => s.length > 1));
  const wrong = differences.find((d) => d !== null);
  rows.push({
    file,
    dialect: source.dialect ?? '-',
    models: source.models.length,
    built: built.length,
    totals: built.map((m) => m.totalParams),
    milliseconds,
    cpuMilliseconds: (user + system) / 1000,
    verdict: wants.length
      ? wrong === undefined
        ? 'exact'
        : 'WRONG'
      : built.length === source.models.length && built.length
        ? 'built'
        : built.length
          ? 'partly'
          : 'none',
    reason: wrong ?? reason,
    hasReason: gravest !== undefined,
    isCrash: notes.some((n) => n.code === 'reader-failed'),
    models_read: source.models.map((m) => ({
      name: m.name,
      total: m.totalParams,
      layers: m.layers.map((l) => [l.className, l.outputShape, l.params]),
    })),
  });
}

if (values.json) console.log(JSON.stringify(rows));
else printTable();

function printTable() {
  for (const r of rows) {
    if (!values.all && (r.verdict === 'exact' || r.verdict === 'built')) continue;
    console.log(`${r.verdict.padEnd(6)} ${r.milliseconds.toFixed(0).padStart(4)} ms ${String(r.built).padStart(2)}/${r.models} ${r.file}`);
    if (r.verdict !== 'exact') console.log(`       ${r.reason.slice(0, 300)}`);
  }
  function by(list, keyOf) {
    const groups = new Map();
    for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
    return groups;
  }
  console.log('\ndialect        files  exact/expected  all built  partly  none');
  for (const [dialect, group] of [...by(rows, (r) => r.dialect), ['all', rows]]) {
    const count = (...v) => group.filter((r) => v.includes(r.verdict)).length;
    const exact = count('exact');
    const wanted = exact + count('WRONG');
    const share = wanted ? ` (${((100 * exact) / wanted).toFixed(0)} %)` : '';
    console.log(
      `${dialect.padEnd(14)} ${String(group.length).padStart(5)}  ${`${exact}/${wanted}${share}`.padEnd(14)}  ${String(count('built')).padStart(9)}  ${String(count('partly')).padStart(6)}  ${String(count('none')).padStart(4)}`,
    );
  }
  for (const [what, key] of [
    ['time', 'milliseconds'],
    ['processor time', 'cpuMilliseconds'],
  ]) {
    const times = rows.map((r) => r[key]).sort((a, b) => a - b);
    console.log(`${what} per file: median ${times[times.length >> 1]?.toFixed(1)} ms, longest ${times.at(-1)?.toFixed(0)} ms`);
  }
  console.log(
    `not built and no reason given: ${rows.filter((r) => r.verdict === 'none' && !r.hasReason).length}; crashed: ${rows.filter((r) => r.isCrash).length}`,
  );
}
