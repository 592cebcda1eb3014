import * as path from 'node:path';
import type { ModelSpec, Shape } from '../common/modelSpec';
import { parseCommand } from './options';
import { allNotes, noModelError, readModelFile } from './readFile';

const usage = 'model FILE [--json]';

/** `kernelscope model`: what was read from a model source. */
export const modelCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { json: { type: 'boolean', default: false } });
    const [file] = positionals;
    const { source } = await readModelFile(file);
    const notes = allNotes(source).map((n) => ({
      severity: n.severity,
      message: n.message,
      line: n.range.startLine + 1,
      ...(n.range.cell !== undefined && { cell: n.range.cell }),
    }));
    if (values.json) console.log(JSON.stringify({ dialect: source.dialect, models: source.models.map(toJson), notes }));
    if (source.models.length === 0) throw noModelError(file, source);
    if (values.json) return 0;
    for (const model of source.models) console.log(toTable(model));
    for (const note of notes) console.log(`${file}:${note.line}: ${note.severity}: ${note.message}`);
    return 0;
  },
};

/** Lines count from 1; `cell` is there in notebooks only and counts from 0. */
function toJson(model: ModelSpec) {
  const { training } = model;
  const place = (range: ModelSpec['range'] | null) => ({
    line: range ? range.startLine + 1 : null,
    ...(range?.cell !== undefined && { cell: range.cell }),
    ...(range?.file !== undefined && { file: range.file }),
  });
  return {
    name: model.name,
    ...place(model.range),
    dialect: model.dialect,
    trainable: model.trainable,
    layers: model.layers.map((layer) => ({
      name: layer.name,
      className: layer.className,
      ...place(layer.source),
      outputShape: layer.outputShape,
      params: layer.params,
      config: layer.config,
    })),
    inputShapes: model.inputShapes,
    outputShapes: model.outputShapes,
    totalParams: model.totalParams,
    compile: training.compileRange && {
      optimizer: training.optimizer?.className ?? null,
      optimizerConfig: training.optimizer?.config ?? null,
      loss: training.loss?.name ?? null,
      fromLogits: training.loss?.fromLogits ?? null,
      metrics: training.metrics,
      ...place(training.compileRange),
    },
    fit: training.fitRange && {
      epochs: training.epochs,
      batchSize: training.batchSize,
      validationSplit: training.validationSplit,
      stepsPerEpoch: training.stepsPerEpoch,
      validationSteps: training.validationSteps,
      shuffle: training.shuffle,
      ...place(training.fitRange),
    },
    data: model.data,
  };
}

function toTable(model: ModelSpec): string {
  const shape = (s: Shape): string => (s.length < 2 ? '?' : `[${s.map((n) => n ?? 'batch').join(', ')}]`);
  const rows = model.layers.map((l) => [
    l.source ? `${l.source.file ? `${path.basename(l.source.file)}:` : ''}${l.source.startLine + 1}` : '',
    l.name,
    l.className,
    shape(l.outputShape),
    l.params.toLocaleString('en'),
  ]);
  const table = [['line', 'layer', 'class', 'output', 'parameters'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const isNumber = (column: number): boolean => column === 0 || column === 4;
  const lines = table.map((row) => row.map((c, i) => (isNumber(i) ? c.padStart(widths[i]) : c.padEnd(widths[i]))).join('  '));
  const total = `${model.totalParams.toLocaleString('en')} parameters`;
  return [`${model.name} (${model.dialect}), ${total}`, ...lines, ''].join('\n');
}
