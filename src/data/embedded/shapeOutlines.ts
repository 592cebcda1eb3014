import type { Polyline } from './coverage';

/** Outlines around (0, 0), about 1 from the centre to the farthest point. */
export interface ShapeOutline {
  name: string;
  points: Polyline;
}

/** The kinds of shape, in the order in which models with fewer classes get them. */
export const shapeOutlines: readonly ShapeOutline[] = [
  { name: 'circle', points: around(28, () => 0.95) },
  {
    name: 'cross',
    points: [-0.3, -1, 0.3, -1, 0.3, -0.3, 1, -0.3, 1, 0.3, 0.3, 0.3, 0.3, 1, -0.3, 1, -0.3, 0.3, -1, 0.3, -1, -0.3, -0.3, -0.3],
  },
  { name: 'triangle', points: around(3, () => 1.05) },
  { name: 'star', points: around(10, (i) => (i % 2 ? 0.42 : 1.05)) },
  { name: 'square', points: [-0.8, -0.8, 0.8, -0.8, 0.8, 0.8, -0.8, 0.8] },
  { name: 'crescent', points: crescent() },
  { name: 'heart', points: heart() },
  { name: 'arrow', points: [0, -1, 0.8, -0.05, 0.32, -0.05, 0.32, 1, -0.32, 1, -0.32, -0.05, -0.8, -0.05] },
  { name: 'hourglass', points: [-0.75, -0.95, 0.75, -0.95, 0.12, 0, 0.75, 0.95, -0.75, 0.95, -0.12, 0] },
  { name: 'half disc', points: halfDisc() },
];

function around(count: number, radius: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)];
  });
}

/** The outer arc of one circle and, back again, the arc of another that bites into it. */
function crescent(): number[] {
  const outer: number[] = [];
  const inner: number[] = [];
  for (let i = 0; i <= 18; i++) {
    const angle = Math.PI * (0.3 + (1.4 * i) / 18);
    outer.push(Math.cos(angle) + 0.1, Math.sin(angle));
    const back = Math.PI * (1.62 - (1.24 * i) / 18);
    inner.push(0.78 * Math.cos(back) + 0.4, 0.85 * Math.sin(back));
  }
  return [...outer, ...inner];
}

function heart(): number[] {
  return Array.from({ length: 28 }, (_, i) => (2 * Math.PI * i) / 28).flatMap((t) => [
    0.062 * 16 * Math.sin(t) ** 3,
    -0.062 * (13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t)),
  ]);
}

function halfDisc(): number[] {
  return Array.from({ length: 17 }, (_, i) => (Math.PI * i) / 16).flatMap((a) => [Math.cos(a), 0.95 * Math.sin(a) - 0.4]);
}
