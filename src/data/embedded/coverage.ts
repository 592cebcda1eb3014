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

const linesPerPixel = 4;

/** Adds a filled polygon (closed by itself, even-odd rule): exact across, four scan lines per pixel downwards. */
export function addPolygon(coverage: Coverage, points: Polyline): void {
  const { width, height, values } = coverage;
  const added = new Float32Array(width);
  const crossings: number[] = [];
  let [top, bottom] = [Infinity, -Infinity];
  for (let p = 1; p < points.length; p += 2) {
    top = Math.min(top, points[p]);
    bottom = Math.max(bottom, points[p]);
  }
  for (let y = Math.max(0, Math.floor(top)); y <= Math.min(height - 1, Math.floor(bottom)); y++) {
    added.fill(0);
    for (let line = 0; line < linesPerPixel; line++) {
      crossingsAt(points, y + (line + 0.5) / linesPerPixel, crossings);
      for (let i = 0; i + 1 < crossings.length; i += 2) addSpan(added, crossings[i], crossings[i + 1], 1 / linesPerPixel);
    }
    for (let x = 0; x < width; x++) if (added[x] > values[y * width + x]) values[y * width + x] = added[x];
  }
}

/** The places, ascending, where a polygon's outline crosses a horizontal line. */
function crossingsAt(points: Polyline, y: number, out: number[]): void {
  out.length = 0;
  let [ax, ay] = [points[points.length - 2], points[points.length - 1]];
  for (let p = 0; p < points.length; p += 2) {
    const [bx, by] = [points[p], points[p + 1]];
    if (ay > y !== by > y) out.push(((bx - ax) * (y - ay)) / (by - ay) + ax);
    [ax, ay] = [bx, by];
  }
  out.sort((a, b) => a - b);
}

function addSpan(row: Float32Array, from: number, to: number, weight: number): void {
  const left = Math.max(0, from);
  const right = Math.min(row.length, to);
  for (let x = Math.floor(left); x < right; x++) row[x] += weight * Math.min(1, x + 1 - left, right - x, right - left);
}
