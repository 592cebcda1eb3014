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

function tridiagonalise(a: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[i * n + k]);
    if (i === 1 || scale === 0) {
      e[i] = a[i * n + i - 1];
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) {
      a[i * n + k] /= scale;
      h += a[i * n + k] ** 2;
    }
    const f = a[i * n + i - 1];
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    a[i * n + i - 1] = f - g;
    let sum = 0;
    for (let j = 0; j < i; j++) {
      let dot = 0;
      for (let k = 0; k <= j; k++) dot += a[j * n + k] * a[i * n + k];
      for (let k = j + 1; k < i; k++) dot += a[k * n + j] * a[i * n + k];
      e[j] = dot / h;
      sum += e[j] * a[i * n + j];
    }
    const hh = sum / (h + h);
    for (let j = 0; j < i; j++) {
      const fj = a[i * n + j];
      const gj = (e[j] -= hh * fj);
      for (let k = 0; k <= j; k++) a[j * n + k] -= fj * e[k] + gj * a[i * n + k];
    }
  }
  e[0] = 0;
  for (let i = 0; i < n; i++) d[i] = a[i * n + i];
}

function iterate(d: Float64Array, e: Float64Array, n: number, l: number): void {
  for (let round = 0; ; round++) {
    let m = l;
    for (; m < n - 1; m++) if (Math.abs(e[m]) <= Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) break;
    if (m === l) return;
    if (round === 60) throw new Error('the eigenvalue iteration did not converge; the matrix may hold NaN');
    let g = (d[l + 1] - d[l]) / (2 * e[l]);
    let r = Math.hypot(g, 1);
    g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
    let [s, c, p] = [1, 1, 0];
    let i = m - 1;
    for (; i >= l; i--) {
      const f = s * e[i];
      const b = c * e[i];
      e[i + 1] = r = Math.hypot(f, g);
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
