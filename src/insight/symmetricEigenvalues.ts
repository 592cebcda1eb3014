/**
 * Eigenvalues of a symmetric n × n matrix (row-major, not changed), in no particular order: Householder tridiagonalisation and the
 * implicit QL iteration (EISPACK tred1/tql1, as in Numerical Recipes 11.2 and 11.3).
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, n: number): Float64Array {
  const a = Float64Array.from(matrix);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(a, n, d, e);
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) iterate(d, e, n, l);
  return d;
}

/** Householder reflections from the last row up, on the lower triangle, which is walked along its rows: it lies in memory like that. */
function tridiagonalise(a: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  const u = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[row + k]);
    d[i] = a[row + i];
    if (i === 1 || scale === 0) {
      e[i] = a[row + i - 1];
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) {
      u[k] = a[row + k] / scale;
      h += u[k] ** 2;
    }
    const f = u[i - 1];
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    u[i - 1] = f - g;
    // p = A u / h, then A − u qᵀ − q uᵀ with q = p − (uᵀp / 2h) u.
    p.fill(0, 0, i);
    for (let j = 0; j < i; j++) {
      const at = j * n;
      const uj = u[j];
      let sum = a[at + j] * uj;
      for (let k = 0; k < j; k++) {
        sum += a[at + k] * u[k];
        p[k] += a[at + k] * uj;
      }
      p[j] += sum;
    }
    let dot = 0;
    for (let k = 0; k < i; k++) {
      p[k] /= h;
      dot += p[k] * u[k];
    }
    const half = dot / (2 * h);
    for (let k = 0; k < i; k++) p[k] -= half * u[k];
    for (let j = 0; j < i; j++) {
      const at = j * n;
      const [uj, qj] = [u[j], p[j]];
      for (let k = 0; k <= j; k++) a[at + k] -= uj * p[k] + qj * u[k];
    }
  }
  d[0] = a[0];
  e[0] = 0;
}

function iterate(d: Float64Array, e: Float64Array, n: number, l: number): void {
  for (let round = 0; ; round++) {
    let m = l;
    for (; m < n - 1; m++) if (Math.abs(e[m]) <= Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) break;
    if (m === l) return;
    if (round === 60) throw new Error('the eigenvalue iteration did not converge; the matrix may hold NaN');
    let g = (d[l + 1] - d[l]) / (2 * e[l]);
    let r = Math.sqrt(g * g + 1);
    g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
    let [s, c, p] = [1, 1, 0];
    let i = m - 1;
    for (; i >= l; i--) {
      const f = s * e[i];
      const b = c * e[i];
      e[i + 1] = r = Math.sqrt(f * f + g * g);
      if (r === 0) {
        d[i + 1] -= p;
        e[m] = 0;
        break;
      }
      s = f / r;
      c = g / r;
      g = d[i + 1] - p;
      r = (d[i] - g) * s + 2 * c * b;
      p = s * r;
      d[i + 1] = g + p;
      g = c * r - b;
    }
    if (r === 0 && i >= l) continue;
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
  }
}
