import * as path from 'node:path';
import type { HealthFinding } from '../insight/health';
import { findHealth } from '../insight/health';
import { healthSample } from '../insight/healthSample';
import { curve, metricNames } from './curve';
import { factsTable, layersTable, reproduction } from './facts';
import { escapeHtml } from './html';
import { layerPart, pictured, type Analyse } from './layerPart';
import type { ReportedRun } from './readRun';
import { STYLE } from './style';

/** A report must fit a mail. */
const MAX_BYTES = 5_000_000;
/** Kernels drawn per layer: as many as the size allows. */
const KERNELS = [256, 96, 32, 8];

/**
 * A run as one HTML file that needs nothing else: no network, no scripts; below 5 MB.
 * @throws Error when the run has not even drawn its first weights, or cannot be told in 5 MB.
 */
export async function buildReport(run: ReportedRun, analyse: Analyse): Promise<string> {
  const { manifest, metrics, last } = run;
  if (!last) throw new Error('The run holds no frames yet; train at least one step.');
  // Asked for again with fewer pictures, the same kernels are not analysed again.
  const known = new Map<Float32Array, ReturnType<Analyse>>();
  const once: Analyse = (values, shape) => {
    const found = known.get(values) ?? analyse(values, shape);
    known.set(values, found);
    return found;
  };
  const charts = metricNames(metrics).flatMap((name) => curve(name, metrics) ?? []);
  const steps = metrics.steps.at(-1)?.step ?? last.step;
  const top = `<header><h1>${escapeHtml(manifest.spec.name)}</h1><p class="quiet">A training run, as Kernelscope recorded it.</p></header>
${factsTable(manifest, steps)}
<h2>Curves</h2>
${charts.length > 0 ? `<div class="curves">${charts.join('\n')}</div><p class="quiet">Solid: on the training batches. Dots and dashes: on validation images after each epoch.</p>` : '<p>No steps have been trained yet.</p>'}
<h2>Health</h2>
${healthPart(run)}
<h2>Kernels</h2>`;
  const end = `<h2>Layers</h2>
${layersTable(manifest)}
<h2>The same run again</h2>
${reproduction(manifest)}`;
  const layers = pictured(manifest.spec.layers);
  const { initialWeights } = manifest.options;
  const loadedFrom = initialWeights ? path.basename(initialWeights) : null;
  for (const kernels of KERNELS) {
    const parts: string[] = [];
    for (const which of layers) parts.push(await layerPart(which, run.first, last, once, { kernels }, loadedFrom));
    const body = [top, parts.length > 0 ? parts.join('\n') : '<p>The model has no convolutional layers.</p>', end].join('\n');
    const html = page(`${manifest.spec.name}, seed ${manifest.options.seed}`, body);
    if (Buffer.byteLength(html) < MAX_BYTES) return html;
  }
  throw new Error(`The report of ${layers.length} layers would be larger than 5 MB even with ${KERNELS.at(-1)} kernels of each.`);
}

function healthPart({ manifest, metrics, first, recent, last }: ReportedRun): string {
  const { layers } = manifest.spec;
  const frames = first && first.step !== recent[0]?.step ? [first, ...recent] : recent;
  const findings = findHealth({
    samples: frames.map((f) => healthSample(f, layers)),
    metrics,
    lastLayer: layers.filter((l) => l.params > 0).at(-1)?.name ?? null,
    classes: manifest.dataset.classNames.length,
  });
  if (findings.length === 0) return `<p>Nothing out of the ordinary up to step ${last?.step ?? 0}.</p>`;
  return findings.map(findingPart).join('\n');
}

function findingPart({ severity, finding, evidence, usually }: HealthFinding): string {
  return `<div class="finding ${severity}"><p><b>${escapeHtml(finding)}</b></p><p>${escapeHtml(evidence)}</p><p class="quiet">What people usually do: ${escapeHtml(usually)}</p></div>`;
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
