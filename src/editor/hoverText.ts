import type { RunStatus } from '../common/run';
import type { WeightSpec } from '../common/modelSpec';
import type { LayerReport, WeightReport } from './layerReport';

export interface HoverPicture {
  dataUri: string;
  width: number;
  height: number;
  /** For screen readers and where pictures are off. */
  alt: string;
  caption: string;
}

export interface HoverContent {
  report: LayerReport;
  /** Name, bound and meaning of a weight's initialiser in one sentence. */
  initializerText(weight: WeightSpec): string;
  picture: HoverPicture | null;
  /** Name of the weight file that the run started from; null: its weights were drawn. */
  loadedFrom: string | null;
  /** The run that trains this model, if there is one. */
  status: RunStatus | null;
  /** Why the values shown are not the run's, or why there is no picture. */
  remark: string | null;
  /** `command:` link that opens this layer in the panel. */
  panelLink: string;
  trainLink: string | null;
}

/** The hover as Markdown. Names from the person's file are put into code spans, never into Markdown itself. */
export function hoverMarkdown(content: HoverContent): string {
  const { report, picture, remark } = content;
  const { layer } = report;
  const blocks = [
    `**${layer.className}** ${code(layer.name)} → ${code(`[${layer.outputShape.map((n) => n ?? '·').join(', ')}]`)} · ${paramsText(layer.params, layer.trainableParams)}`,
  ];
  const links = [...(content.trainLink ? [`[▶ Train CNN](${content.trainLink})`] : []), `[Open in the kernel panel](${content.panelLink})`];
  // A hover shows some 250 pixels at first: what leads on stands before the picture, and the picture leaves room for numbers.
  blocks.push(`${whenText(content)} ${links.join(' · ')}`);
  if (picture) {
    blocks.push(`![${escapeAlt(picture.alt)}](${picture.dataUri}|width=${picture.width},height=${picture.height})`, picture.caption);
  }
  for (const weight of report.weights) blocks.push(weightText(weight, content));
  const listed = new Set(report.weights.map((w) => w.spec.name));
  for (const spec of layer.weights) {
    if (!listed.has(spec.name)) blocks.push(`${code(spec.name)} ${code(`[${spec.shape.join(', ')}]`)}: ${content.initializerText(spec)}`);
  }
  if (remark) blocks.push(`*${remark}*`);
  return blocks.join('\n\n');
}

function whenText({ report, status, loadedFrom }: HoverContent): string {
  if (report.layer.weights.length === 0) return 'This layer has no weights: nothing is drawn and nothing is learned in it.';
  if (report.step === null) return `Before training: the values that training will start from, drawn with seed ${report.seed}.`;
  if (report.step === 0)
    return `Step 0, before the first batch: ${loadedFrom ? `loaded from ${code(loadedFrom)}` : `as drawn with seed ${report.seed}`}.`;
  const phase = status?.phase === 'running' ? 'training now' : (status?.phase ?? 'of the run');
  return `After step ${report.step}${status && status.totalSteps > 0 ? ` of ${status.totalSteps}` : ''}, ${phase}.`;
}

function weightText(weight: WeightReport, content: HoverContent): string {
  const { spec, statistics: s } = weight;
  const isTraining = content.report.step !== null && content.report.step > 0;
  const head = `${code(spec.name)} ${code(`[${spec.shape.join(', ')}]`)}`;
  const isConstant = s.min === s.max;
  const isLoaded = content.loadedFrom !== null && content.report.step !== null;
  const start = isLoaded
    ? `loaded from ${code(content.loadedFrom ?? '')}`
    : `${isTraining ? 'started as ' : ''}${content.initializerText(spec)}`;
  if (isConstant && !isTraining) return `${head}: ${start}`;
  const verb = isTraining ? 'now' : isLoaded ? 'holds' : 'drew';
  const lines = [`${head}: ${start}`, `${verb} ${number(s.min)} … ${number(s.max)}, mean ${number(s.mean)}, std ${number(s.std)}`];
  const step: string[] = [];
  if (weight.gradientNorm !== null) step.push(`gradient norm ${number(weight.gradientNorm)}`);
  if (weight.updateRatio !== null && Number.isFinite(weight.updateRatio))
    step.push(`update : weight ${number(weight.updateRatio)} (mean|ΔW| / mean|W|)`);
  if (weight.filtersWithoutGradient !== null && isTraining) {
    const filters = spec.shape[3];
    step.push(
      weight.filtersWithoutGradient === 0
        ? `no dead filters (each of ${filters} had a gradient in this batch)`
        : `${weight.filtersWithoutGradient} of ${filters} filters may be dead (their gradient was exactly 0 for this whole batch)`,
    );
  }
  if (isTraining && step.length > 0) lines.push(step.join(' · '));
  return lines.join('  \n');
}

/** Four significant digits, without exponents for ordinary sizes. */
export function number(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  if (x === 0) return '0';
  const a = Math.abs(x);
  const text = a >= 1e-3 && a < 1e5 ? String(Number(x.toPrecision(3))) : x.toExponential(2);
  return text.replace('-', '−');
}

function paramsText(params: number, trainable: number): string {
  if (params === 0) return 'no parameters';
  const text = `${params.toLocaleString('en-US')} parameters`;
  return trainable === params ? text : `${text}, ${trainable.toLocaleString('en-US')} trainable`;
}

function code(text: string): string {
  return `\`${text.replace(/`/g, "'")}\``;
}

function escapeAlt(text: string): string {
  return text.replace(/[[\]()\\|]/g, ' ');
}
