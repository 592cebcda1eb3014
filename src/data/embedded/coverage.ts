/** Points x0, y0, x1, y1, … in pixels; x to the right, y down, (0, 0) is the upper left corner of the picture. */
export type Polyline = readonly number[];

/** How much of each pixel something covers, 0 to 1, row by row. */
export interface Coverage {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

export function emptyCoverage(width: number, height: number): Coverage {
  return { width, height, values: new Float32Array(width * height) };
}

/** Adds a line of round pen strokes, antialiased by the distance to the pen's edge. Looks only at the pixels near each segment. */
export function addStroke(coverage: Coverage, points: Polyline, radius: number): void {
  const { width, height, values } = coverage;
  const reach = radius + 0.5;
  for (let p = 0; p + 3 < points.length; p += 2) {
    const [ax, ay, bx, by] = [points[p], points[p + 1], points[p + 2], points[p + 3]];
    const dx = bx - ax;
    const dy = by - ay;
    const lengthSquared = dx * dx + dy * dy || 1e-12;
    const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
    const right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + reach));
    const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
    const bottom = Math.min(height - 1, Math.ceil(Math.max(ay, by) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - ax;
        const py = y + 0.5 - ay;
        const t = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
        const ex = px - t * dx;
        const ey = py - t * dy;
        const covered = reach - Math.sqrt(ex * ex + ey * ey);
        const at = y * width + x;
        if (covered > values[at]) values[at] = Math.min(1, covered);
      }
    }
  }
}

/** Adds a filled polygon (closed by itself, even-odd rule), antialiased by the distance to its outline. */
export function addPolygon(coverage: Coverage, points: Polyline): void {
  const { width, height, values } = coverage;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let p = 0; p < points.length; p += 2) {
    left = Math.min(left, points[p]);
    right = Math.max(right, points[p]);
    top = Math.min(top, points[p + 1]);
    bottom = Math.max(bottom, points[p + 1]);
  }
  for (let y = Math.max(0, Math.floor(top - 1)); y <= Math.min(height - 1, Math.ceil(bottom + 1)); y++) {
    for (let x = Math.max(0, Math.floor(left - 1)); x <= Math.min(width - 1, Math.ceil(right + 1)); x++) {
      const covered = 0.5 - signedDistance(points, x + 0.5, y + 0.5);
      const at = y * width + x;
      if (covered > values[at]) values[at] = Math.min(1, covered);
    }
  }
}

/** Distance to a polygon's outline, negative inside. */
function signedDistance(points: Polyline, x: number, y: number): number {
  let nearest = Infinity;
  let inside = false;
  let [ax, ay] = [points[points.length - 2], points[points.length - 1]];
  for (let p = 0; p < points.length; p += 2) {
    const [bx, by] = [points[p], points[p + 1]];
    const dx = bx - ax;
    const dy = by - ay;
    const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1e-12)));
    const ex = x - ax - t * dx;
    const ey = y - ay - t * dy;
    nearest = Math.min(nearest, ex * ex + ey * ey);
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    [ax, ay] = [bx, by];
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}
