import type { MetricsTable } from '../common/run';
import { escapeHtml, readable } from './html';

const WIDTH = 640;
const HEIGHT = 200;
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 12, 10, 26];
/** More points than the picture has columns would only make the file larger. */
const MAX_POINTS = 600;

interface Point {
  step: number;
  value: number;
}

/** One metric over the steps as inline SVG: training as a line (means of neighbouring steps where there are many), validation as dots. */
export function curve(name: string, metrics: MetricsTable): string | null {
  const training = thinned(points(metrics.steps, name));
  const validation = points(metrics.epochs, `val_${name}`);
  const all = [...training, ...validation];
  if (all.length < 2) return null;
  const values = all.map((p) => p.value);
  const [low, high] = padded(Math.min(...values), Math.max(...values));
  const lastStep = Math.max(...all.map((p) => p.step));
  const x = (step: number) => round(LEFT + (step / lastStep) * (WIDTH - LEFT - RIGHT));
  const y = (value: number) => round(TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM));
  const path = (line: Point[]) => line.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.step)} ${y(p.value)}`).join('');
  const gridValues = [0, 0.25, 0.5, 0.75, 1].map((t) => low + t * (high - low));
  const gridSteps = [0, 0.25, 0.5, 0.75, 1].map((t) => Math.round(t * lastStep));
  const [last, lastValidation] = [training.at(-1), validation.at(-1)];
  const words = [
    last && `training ${readable(last.value)} at step ${last.step}`,
    lastValidation &&
      `validation ${readable(lastValidation.value)} after ${validation.length} ${validation.length === 1 ? 'epoch' : 'epochs'}`,
  ].filter((t) => t !== undefined);
  const label = `${name} over ${lastStep} steps: ${words.join(', ')}`;
  return `<figure><figcaption><b>${escapeHtml(name)}</b> <span class="quiet">${escapeHtml(words.join(' · '))}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">
${gridValues.map((v) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(v)}" y2="${y(v)}"/><text x="${LEFT - 6}" y="${y(v) + 4}" text-anchor="end">${escapeHtml(readable(v, 3))}</text>`).join('')}
${gridSteps.map((s) => `<text x="${x(s)}" y="${HEIGHT - 8}" text-anchor="middle">${s}</text>`).join('')}
${training.length > 1 ? `<path class="training" d="${path(training)}"/>` : ''}
${validation.length > 1 ? `<path class="validation" d="${path(validation)}"/>` : ''}
${validation.map((p) => `<circle class="validation" cx="${x(p.step)}" cy="${y(p.value)}" r="3"/>`).join('')}
</svg></figure>`;
}

/** Names of the metrics that a curve is drawn of, the loss first. */
export function metricNames({ steps, epochs }: MetricsTable): string[] {
  const names = new Set(['loss']);
  for (const row of [...steps.slice(-1), ...epochs.slice(-1)])
    for (const name of Object.keys(row.values)) names.add(name.replace(/^val_/, ''));
  return [...names];
}

function points(rows: readonly { step: number; values: Record<string, number> }[], name: string): Point[] {
  return rows.flatMap(({ step, values }) => (Number.isFinite(values[name]) ? [{ step, value: values[name] }] : []));
}

function thinned(line: Point[]): Point[] {
  const group = Math.ceil(line.length / MAX_POINTS);
  if (group <= 1) return line;
  return Array.from({ length: Math.ceil(line.length / group) }, (_, g) => {
    const part = line.slice(g * group, (g + 1) * group);
    return { step: part[part.length - 1].step, value: part.reduce((s, p) => s + p.value, 0) / part.length };
  });
}

function padded(low: number, high: number): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - room, high + room];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
