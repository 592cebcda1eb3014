import type { Random } from '../../common/random';
import type { Polyline } from './coverage';

/** A smooth line through the given points: a uniform Catmull-Rom spline, `steps` pieces between two points. */
export function smoothLine(points: Polyline, steps: number): number[] {
  const count = points.length / 2;
  if (count < 3) return [...points];
  const out: number[] = [];
  const at = (i: number, axis: number): number => points[2 * Math.min(count - 1, Math.max(0, i)) + axis];
  for (let i = 0; i < count - 1; i++) {
    for (let s = 0; s < steps; s++) {
      const t = s / steps;
      for (let axis = 0; axis < 2; axis++) {
        const [a, b, c, d] = [at(i - 1, axis), at(i, axis), at(i + 1, axis), at(i + 2, axis)];
        out.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
      }
    }
  }
  out.push(at(count - 1, 0), at(count - 1, 1));
  return out;
}

/** Each coordinate moved by a normal number. */
export function shaken(points: Polyline, deviation: number, random: Random): number[] {
  return points.map((v) => v + deviation * random.normal());
}

/** Turning, slanting, stretching and moving, in this order of reading from right to left. */
export interface Placement {
  /** Radians. */
  angle: number;
  slant: number;
  scaleX: number;
  scaleY: number;
  x: number;
  y: number;
}

/** Points around (0, 0) put in their place. */
export function placed(points: Polyline, { angle, slant, scaleX, scaleY, x, y }: Placement): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const out: number[] = [];
  for (let p = 0; p < points.length; p += 2) {
    const v = points[p + 1] * scaleY;
    const u = points[p] * scaleX - slant * v;
    out.push(x + cos * u - sin * v, y + sin * u + cos * v);
  }
  return out;
}
