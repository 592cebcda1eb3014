import type { AcrossSeeds } from '../../src/common/seedComparison';
import { element } from '../ui/dom';

const WIDTH = 300;
const HEIGHT = 64;
const MARGIN = 14;
const LINE = 30;

/** The accuracy of every run as a dot on one line, with mean and standard deviation, drawn and in words. */
export function accuracyStrip(seeds: readonly number[], accuracy: NonNullable<AcrossSeeds['accuracy']>): HTMLElement[] {
  const { values, mean, standardDeviation } = accuracy;
  const low = Math.min(...values, mean - standardDeviation);
  const high = Math.max(...values, mean + standardDeviation);
  const room = Math.max(high - low, 0.002) * 0.08;
  const [from, to] = [Math.max(0, low - room), Math.min(1, high + room)];
  const x = (value: number) => MARGIN + ((value - from) / (to - from)) * (WIDTH - 2 * MARGIN);
  const svg = node('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'strip', role: 'img' });
  const text = `Accuracy ${percent(mean)} on average, standard deviation ${(100 * standardDeviation).toFixed(2)} points, from ${percent(Math.min(...values))} to ${percent(Math.max(...values))}.`;
  svg.setAttribute('aria-label', text);
  svg.append(
    node('rect', {
      class: 'strip-spread',
      x: x(mean - standardDeviation),
      y: LINE - 10,
      width: Math.max(1, x(mean + standardDeviation) - x(mean - standardDeviation)),
      height: 20,
    }),
    node('line', { class: 'strip-axis', x1: MARGIN, x2: WIDTH - MARGIN, y1: LINE, y2: LINE }),
    node('line', { class: 'strip-mean', x1: x(mean), x2: x(mean), y1: LINE - 13, y2: LINE + 13 }),
    ...values.map((value, i) => {
      const dot = node('circle', { class: 'strip-dot', cx: x(value), cy: LINE, r: 4.5 });
      const title = node('title', {});
      title.textContent = `Seed ${seeds[i]}: ${percent(value)}`;
      dot.append(title);
      return dot;
    }),
    label(from, MARGIN, 'start'),
    label(to, WIDTH - MARGIN, 'end'),
  );
  const figure = element(
    'figure',
    { class: 'strip-figure' },
    element('figcaption', { class: 'section-title', text: 'Accuracy of the runs' }),
  );
  figure.append(svg);
  return [figure, element('p', { class: 'hint', text })];
}

function label(value: number, x: number, anchor: 'start' | 'end'): SVGElement {
  const made = node('text', { class: 'strip-label', x, y: HEIGHT - 4, 'text-anchor': anchor });
  made.textContent = percent(value);
  return made;
}

function node(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}
