import type { NamedTensor } from '../common/safetensors';
import type { MetricsTable } from '../common/run';

/** Names of a Keras weight's axes. */
const AXES: Partial<Record<number, string[]>> = {
  1: ['index'],
  2: ['input', 'unit'],
  3: ['column', 'channel', 'kernel'],
  4: ['row', 'column', 'channel', 'kernel'],
};

/** Every value a line with its place; numbers as short as they can be without losing a bit. */
export function tensorCsv({ shape, values }: Pick<NamedTensor, 'shape' | 'values'>): string {
  const axes = AXES[shape.length] ?? shape.map((_, k) => `axis${k}`);
  const lines = [[...axes, 'value'].join(',')];
  const place = shape.map(() => 0);
  for (const value of values) {
    lines.push([...place, shortestFloat32(value)].join(','));
    for (let k = shape.length - 1; k >= 0 && ++place[k] === shape[k]; k--) place[k] = 0;
  }
  return `${lines.join('\n')}\n`;
}

/** A metric's steps (or, for those of validation, the steps at which epochs ended) and values; null when the run has none of that name. */
export function metricSeries(metrics: MetricsTable, name: string): { steps: number[]; values: number[] } | null {
  const rows: readonly { step: number; values: Record<string, number> }[] = metrics.steps.some((r) => name in r.values)
    ? metrics.steps
    : metrics.epochs;
  const found = rows.filter((r) => name in r.values);
  return found.length === 0 ? null : { steps: found.map((r) => r.step), values: found.map((r) => r.values[name]) };
}

export function metricCsv(name: string, { steps, values }: { steps: readonly number[]; values: readonly number[] }): string {
  return [`step,${name}`, ...steps.map((s, i) => `${s},${values[i]}`), ''].join('\n');
}

/** The names of everything a run measured. */
export function metricNamesOf({ steps, epochs }: MetricsTable): string[] {
  return [...new Set([...steps, ...epochs].flatMap((r) => Object.keys(r.values)))];
}

/** The shortest decimal that is this float32 again. */
function shortestFloat32(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
