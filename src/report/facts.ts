import * as path from 'node:path';
import type { RunManifest } from '../common/run';
import { counted, escapeHtml, readable } from './html';

/** What the run was: a table. */
export function factsTable(manifest: RunManifest, steps: number): string {
  const { dataset, options, spec, test } = manifest;
  const optimizer = spec.training.optimizer;
  const settings = Object.entries(optimizer?.config ?? {})
    .filter(([name, value]) => name !== 'name' && (typeof value === 'number' || value === true))
    .map(([name, value]) => `${name} ${typeof value === 'number' ? readable(value) : 'on'}`);
  const rate = options.learningRate === null ? '' : `; learning rate set to ${readable(options.learningRate)} for this run`;
  const { trainCount, validationCount, testCount } = dataset;
  const rows: [string, string][] = [
    ['Model', `${spec.name}, ${counted(spec.totalParams)} parameters, from ${path.basename(manifest.sourceFile)}`],
    ['Data', `${dataset.description.includes(dataset.name) ? '' : `${dataset.name}: `}${dataset.description}`],
    [
      'Images',
      `${counted(trainCount)} for training, ${counted(validationCount)} for validation, ${counted(testCount)} for the test; ${dataset.inputShape.join(' × ')}, ${dataset.classNames.length} classes`,
    ],
    ['Seed', `${options.seed}: it drives initial weights, shuffling, dropout and augmentation`],
    [
      'Training',
      `${counted(steps)} of ${counted(manifest.totalSteps)} steps in batches of ${options.batchSize}, ${options.epochs} ${options.epochs === 1 ? 'epoch' : 'epochs'} (${manifest.phase})`,
    ],
    ['Optimiser', `${optimizer?.className ?? 'not named'}${settings.length > 0 ? `: ${settings.join(', ')}` : ''}${rate}`],
    ['Loss', spec.training.loss?.name ?? 'not named'],
    [
      'On the test data',
      test
        ? Object.entries(test)
            .map(([name, value]) => `${name} ${readable(value)}`)
            .join(', ')
        : 'not measured',
    ],
    ['Computed by', `${manifest.backend}, Kernelscope ${manifest.kernelscopeVersion}, ${manifest.createdAt.slice(0, 10)}`],
  ];
  const tag = dataset.isSynthetic ? '<span class="tag">synthetic data</span> ' : '';
  const cells = rows.map(
    ([name, text]) => `<tr><th scope="row">${name}</th><td>${name === 'Data' ? tag : ''}${escapeHtml(text)}</td></tr>`,
  );
  return `<table class="facts">${cells.join('\n')}</table>`;
}

/** How anybody gets the same run again, and what would make it differ. */
export function reproduction(manifest: RunManifest): string {
  const { options, data, notRepeatable, versions } = manifest;
  const words = ['kernelscope', 'train', path.basename(manifest.sourceFile), '--model', manifest.spec.name];
  if (data.kind === 'embedded') words.push('--data', data.name);
  else words.push('--data', path.basename(data.path));
  words.push('--epochs', String(options.epochs), '--batch-size', String(options.batchSize), '--seed', String(options.seed));
  if (options.limit !== null) words.push('--limit', String(options.limit));
  if (options.maxSteps !== null) words.push('--steps', String(options.maxSteps));
  if (options.learningRate !== null) words.push('--learning-rate', String(options.learningRate));
  if (options.initialWeights) words.push('--weights', path.basename(options.initialWeights));
  words.push('--backend', options.backend);
  const command = words.map((w) => (/^[\w./:=-]+$/.test(w) ? w : `'${w.replace(/'/g, `'\\''`)}'`)).join(' ');
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const repeatable =
    notRepeatable.length === 0
      ? 'The same file, data, options and engine give the same weights bit for bit.'
      : `Not repeatable bit for bit: ${notRepeatable.join('; ')}.`;
  return `<pre>${escapeHtml(command)}</pre>
<p>${escapeHtml(repeatable)}</p>
<p class="quiet">SHA-256 of the model’s file: <code>${escapeHtml(manifest.sourceSha256)}</code>. Versions: ${escapeHtml(list.join(', '))}.</p>`;
}

/** Every layer a line. */
export function layersTable({ spec }: RunManifest): string {
  const rows = spec.layers.map((l) => {
    const cells = [
      l.className,
      l.outputShape
        .slice(1)
        .map((n) => n ?? '?')
        .join(' × '),
      l.params > 0 ? counted(l.params) : '',
    ];
    return `<tr><th scope="row">${escapeHtml(l.name)}</th>${cells.map((c) => `<td>${escapeHtml(c)}</td>`).join('')}</tr>`;
  });
  return `<div class="wide"><table><tr><th scope="col">Layer</th><th scope="col">Kind</th><th scope="col">Output</th><th scope="col">Parameters</th></tr>${rows.join('\n')}</table></div>`;
}
